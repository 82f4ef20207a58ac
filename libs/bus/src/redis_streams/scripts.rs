//! The Lua scripts: every change that depends on holding a partition checks the fence in the same step.

use std::sync::LazyLock;

use redis::Script;

macro_rules! script {
    ($(#[$doc:meta])* $name:ident, $code:expr) => {
        $(#[$doc])*
        pub(crate) static $name: LazyLock<Script> = LazyLock::new(|| Script::new($code));
    };
}

script!(
    /// Makes the group on every partition; one that exists stays as it is.
    /// KEYS: streams. ARGV: group.
    ENSURE_GROUP,
    r"
for _, stream in ipairs(KEYS) do
  local made = redis.pcall('XGROUP', 'CREATE', stream, ARGV[1], '0', 'MKSTREAM')
  if made.err and string.sub(made.err, 1, 10) ~= 'BUSYGROUP ' then return made end
end
return 1"
);

script!(
    /// Says that a consumer is alive, renews what it holds, and takes free partitions up to its fair share.
    /// KEYS: members, then lease and fence of each partition. ARGV: member, lease ms, new token, then the token
    /// that is held of each partition or ''. Returns the fair share, then the token now held of each or ''.
    /// Asked again with the same new token (the answer was lost), it returns what it took.
    /// With a lease of 0 ms the member leaves: it takes nothing new, and renews by ARGV[3] ms what it holds.
    RENEW,
    r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl, leaving = tonumber(ARGV[2]), false
if ttl == 0 then
  ttl, leaving = tonumber(ARGV[3]), true
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local partitions = (#KEYS - 1) / 2
local share = math.ceil(partitions / math.max(redis.call('ZCARD', KEYS[1]), 1))
local result, held = {share}, 0
for i = 1, partitions do
  local token = ARGV[3 + i]
  if token ~= '' and redis.call('GET', KEYS[2 * i + 1]) == token then
    redis.call('SET', KEYS[2 * i], token, 'PX', ttl)
    held = held + 1
  else
    token = ''
  end
  result[i + 1] = token
end
if not leaving then
  for i = 1, partitions do
    local holder = redis.call('GET', KEYS[2 * i])
    if held < share and result[i + 1] == '' and (not holder or holder == ARGV[3]) then
      redis.call('SET', KEYS[2 * i], ARGV[3], 'PX', ttl)
      redis.call('SET', KEYS[2 * i + 1], ARGV[3])
      result[i + 1] = ARGV[3]
      held = held + 1
    end
  end
end
return result"
);

script!(
    /// Gives a partition up. KEYS: lease. ARGV: token.
    RELEASE,
    r"
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1"
);

script!(
    /// A page of what was read before and is not settled, in order, for a new holder.
    /// KEYS: fence, stream, state. ARGV: token, group, reader, after which id, how many.
    /// Returns false without the partition, or {next cursor or '', {id, ms until its retry is due…}, {id, key…}}.
    ADOPT,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[5], 'STREAMS', KEYS[2], ARGV[4])
local entries = read and read[1][2] or {}
local found = {}
for _, entry in ipairs(entries) do
  local key = ''
  if entry[2] then
    for i = 1, #entry[2], 2 do if entry[2][i] == 'k' then key = entry[2][i + 1] end end
  end
  found[#found + 1] = entry[1]
  found[#found + 1] = key
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state, due = redis.call('HGETALL', KEYS[3]), {}
for i = 1, #state, 2 do
  if string.sub(state[i], 1, 2) == 'd:' then
    due[#due + 1] = string.sub(state[i], 3)
    due[#due + 1] = string.format('%d', math.max(0, tonumber(state[i + 1]) - now))
  end
end
local cursor = ''
if #entries == tonumber(ARGV[5]) then cursor = entries[#entries][1] end
return {cursor, due, found}"
);

script!(
    /// Reads new entries of a partition. An entry for another group alone is settled unseen.
    /// KEYS: fence, stream. ARGV: token, group, reader, how many.
    /// Returns false without the partition, or {the last id that the group was given, whether there may be more,
    /// {id, key…}}.
    /// In steps of 16 up to about a megabyte, because Redis holds what it reads.
    FETCH,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local found, last, size, count = {}, '', 0, 0
repeat
  local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', 16, 'STREAMS', KEYS[2], '>')
  local entries = read and read[1][2] or {}
  for _, entry in ipairs(entries) do
    local key, only = '', nil
    for i = 1, #entry[2], 2 do
      local field, value = entry[2][i], entry[2][i + 1]
      size = size + #value
      if field == 'k' then key = value elseif field == 'g' then only = value end
    end
    last = entry[1]
    if only and only ~= ARGV[2] then
      redis.call('XACK', KEYS[2], ARGV[2], entry[1])
    else
      found[#found + 1] = entry[1]
      found[#found + 1] = key
    end
  end
  count = count + #entries
until #entries < 16 or count >= tonumber(ARGV[4]) or size > 1000000
if last == '' then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[2])) do
    local info = {}
    for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
    if info['name'] == ARGV[2] then last = info['last-delivered-id'] end
  end
end
return {last, count > 0 and 1 or 0, found}"
);

script!(
    /// Records the attempt of each entry and reads it.
    /// KEYS: fence, stream, state of each entry. ARGV: group, then token and id of each.
    /// Returns for each: false without the partition, {0} when it is settled already, or
    /// {attempt, payload, reason of the last retry or ''}.
    HAND_OUT,
    r"
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local result = {}
for n = 1, #KEYS / 3 do
  local fence, stream, state = KEYS[3 * n - 2], KEYS[3 * n - 1], KEYS[3 * n]
  local token, id = ARGV[2 * n], ARGV[2 * n + 1]
  if redis.call('GET', fence) ~= token then
    result[n] = false
  elseif #redis.call('XPENDING', stream, ARGV[1], id, id, 1) == 0 then
    result[n] = {0}
  else
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry then
      local payload = ''
      for i = 1, #entry[2], 2 do if entry[2][i] == 'p' then payload = entry[2][i + 1] end end
      local attempt = redis.call('HINCRBY', state, 'a:' .. id, 1)
      redis.call('HSETNX', state, 'f:' .. id, now)
      redis.call('HDEL', state, 'd:' .. id)
      result[n] = {attempt, payload, redis.call('HGET', state, 'r:' .. id) or ''}
    else
      redis.call('XACK', stream, ARGV[1], id)
      redis.call('HDEL', state, 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id)
      result[n] = {0}
    end
  end
end
return result"
);

script!(
    /// Takes an attempt back that no handler ever saw. KEYS: fence, state. ARGV: token, id.
    UNCOUNT,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', KEYS[2], 'a:' .. ARGV[2]) == 1 then
  if redis.call('HINCRBY', KEYS[2], 'a:' .. ARGV[2], -1) <= 0 then
    redis.call('HDEL', KEYS[2], 'a:' .. ARGV[2], 'f:' .. ARGV[2])
  else
    redis.call('HSETNX', KEYS[2], 'd:' .. ARGV[2], 0)
  end
end
return 1"
);

script!(
    /// The entry is done. KEYS: fence, stream, state. ARGV: token, group, id. Returns 0 without the partition.
    ACK,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local id = ARGV[3]
redis.call('XACK', KEYS[2], ARGV[2], id)
redis.call('HDEL', KEYS[3], 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id)
return 1"
);

script!(
    /// The entry is due again later. KEYS: fence, state. ARGV: token, id, ms from now, reason.
    /// Returns 0 without the partition.
    RETRY,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3])
redis.call('HSET', KEYS[2], 'd:' .. ARGV[2], string.format('%d', due), 'r:' .. ARGV[2], ARGV[4])
return 1"
);

script!(
    /// The entry becomes a dead letter. KEYS: fence, stream, state, dead. ARGV: token, group, id, reason, attempts.
    /// Returns 0 without the partition. An entry that is settled already stays so.
    FAIL,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local id = ARGV[3]
local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
if entry and redis.call('XACK', KEYS[2], ARGV[2], id) == 1 then
  local key, payload = '', ''
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'k' then key = entry[2][i + 1] elseif entry[2][i] == 'p' then payload = entry[2][i + 1] end
  end
  redis.call('XADD', KEYS[4], '*', 'k', key, 'p', payload, 'r', ARGV[4], 'a', ARGV[5],
    'c', string.match(id, '^%d+'), 'f', ARGV[5] ~= '0' and redis.call('HGET', KEYS[3], 'f:' .. id) or '0')
end
redis.call('HDEL', KEYS[3], 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id)
return 1"
);

script!(
    /// Trims each stream behind what all of its groups have acked. KEYS: streams.
    TRIM,
    r"
local function parts(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(sequence)
end
for _, stream in ipairs(KEYS) do
  local floor, floor_ms, floor_sequence = nil, nil, nil
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = {}
    for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
    local ms, sequence
    if info['pending'] > 0 then
      ms, sequence = parts(redis.call('XPENDING', stream, info['name'])[2])
    else
      ms, sequence = parts(info['last-delivered-id'])
      sequence = sequence + 1
    end
    if not floor or ms < floor_ms or (ms == floor_ms and sequence < floor_sequence) then
      floor, floor_ms, floor_sequence = true, ms, sequence
    end
  end
  if floor then
    redis.call('XTRIM', stream, 'MINID', '=', string.format('%d-%d', floor_ms, floor_sequence))
  end
end
return 1"
);

script!(
    /// Publishes a dead letter to its group again. KEYS: dead, stream. ARGV: group, id. Returns 0 when it is gone.
    RETRY_DEAD,
    r"
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if not entry then return 0 end
local key, payload = '', ''
for i = 1, #entry[2], 2 do
  if entry[2][i] == 'k' then key = entry[2][i + 1] elseif entry[2][i] == 'p' then payload = entry[2][i + 1] end
end
redis.call('XADD', KEYS[2], '*', 'k', key, 'p', payload, 'g', ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1"
);

script!(
    /// A group's figures. KEYS: dead, then lease, stream and state of each partition. ARGV: group.
    /// Returns unacked, in hand, dead, partitions without a lease.
    STATS,
    r"
local unacked, held, alone = 0, 0, 0
for n = 0, (#KEYS - 1) / 3 - 1 do
  local lease, stream, state = KEYS[3 * n + 2], KEYS[3 * n + 3], KEYS[3 * n + 4]
  if redis.call('EXISTS', lease) == 0 then alone = alone + 1 end
  if redis.call('EXISTS', stream) == 1 then
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
      local info = {}
      for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
      if info['name'] == ARGV[1] then
        local new = info['lag']
        if not new then
          new = #redis.call('XRANGE', stream, '(' .. info['last-delivered-id'], '+')
        end
        unacked = unacked + info['pending'] + new
      end
    end
  end
  local attempted, delayed = 0, 0
  for _, field in ipairs(redis.call('HKEYS', state)) do
    local kind = string.sub(field, 1, 2)
    if kind == 'a:' then attempted = attempted + 1 elseif kind == 'd:' then delayed = delayed + 1 end
  end
  held = held + attempted - delayed
end
return {unacked, held, redis.call('XLEN', KEYS[1]), alone}"
);
