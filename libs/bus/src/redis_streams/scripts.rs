//! The Lua scripts: every change that depends on holding a partition checks the fence in the same step.
//!
//! Each bears to run twice, because its answer may be lost and it is asked again; and to run late, when whoever
//! asked has given up and gone on, because a command can lie in a socket for long. What was handed out is therefore
//! named by its number (`h:` in the state): a command about an earlier handing-out changes nothing.

use std::sync::LazyLock;

use redis::Script;

/// Whether a handing-out is later than the last one that is on record (`{token}#{number}`): a former holder's always is
/// earlier, because the fence was checked.
const IS_LATER: &str = r"
local function is_later(last, token, number)
  local head = token .. '#'
  return not last or string.sub(last, 1, #head) ~= head or number > tonumber(string.sub(last, #head + 1))
end
";

macro_rules! script {
    ($(#[$doc:meta])* $name:ident, $code:expr) => {
        $(#[$doc])*
        pub(crate) static $name: LazyLock<Script> = LazyLock::new(|| Script::new($code.as_ref()));
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
    /// Publishes, all or nothing, and once however often it is asked.
    /// KEYS: once, then the stream of each message. ARGV: how long the call is remembered in ms, then key and payload
    /// of each.
    PUBLISH,
    r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
for n = 2, #KEYS do
  redis.call('XADD', KEYS[n], '*', 'k', ARGV[2 * n - 2], 'p', ARGV[2 * n - 1])
end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1"
);

script!(
    /// What lies behind a message under the same key. KEYS: stream. ARGV: id, key, how many, how many to look through.
    BEHIND,
    r"
local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[4])) do
  local key, payload
  for n = 1, #entry[2], 2 do
    if entry[2][n] == 'k' then key = entry[2][n + 1] end
    if entry[2][n] == 'p' then payload = entry[2][n + 1] end
  end
  if key == ARGV[2] and payload then found[#found + 1] = payload end
  if #found == tonumber(ARGV[3]) then break end
end
return found"
);

script!(
    /// Says that a consumer is alive, renews what it holds, and takes free partitions up to its fair share.
    /// KEYS: members, then lease and fence of each partition. ARGV: member, lease ms, until when the lease is in ms of
    /// this clock (a lease from the sending, not from the arrival), '1' to leave or '', new token, then the token that
    /// is held of each partition or ''. Returns the time in ms, the fair share, then the token now held of each or ''.
    /// One that arrives when its lease would be over changes nothing and returns the time alone: what a Redis that was
    /// held still finds in its sockets is no sign of life.
    /// The new token is `{member}/{number}`. What an earlier one of the same member took and nobody was told of is
    /// free for a later one, and never the other way round.
    /// Who leaves takes nothing new, and renews what it holds.
    RENEW,
    r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = math.min(tonumber(ARGV[2]), tonumber(ARGV[3]) - now)
if ttl <= 0 then return {now} end
local leaving, new, full = ARGV[4] == '1', ARGV[5], tonumber(ARGV[2])
-- An earlier one that arrives late shortens nothing; what is longer than any lease is of a clock that was set back.
local function prevails(left)
  return left < ttl or left > full
end
if leaving then
  redis.call('ZREM', KEYS[1], ARGV[1])
elseif prevails(tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0) - now) then
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local partitions = (#KEYS - 1) / 2
local function number(token)
  local head = ARGV[1] .. '/'
  if string.sub(token, 1, #head) == head then return tonumber(string.sub(token, #head + 1)) end
end
local function is_free(holder)
  if not holder then return true end
  local taken = number(holder)
  return taken and taken <= number(new)
end
local share = math.ceil(partitions / math.max(redis.call('ZCARD', KEYS[1]), 1))
local result, held = {now, share}, 0
for i = 1, partitions do
  local token = ARGV[5 + i]
  if token ~= '' and redis.call('GET', KEYS[2 * i + 1]) == token then
    if prevails(redis.call('PTTL', KEYS[2 * i])) then
      redis.call('SET', KEYS[2 * i], token, 'PX', ttl)
    end
    held = held + 1
  else
    token = ''
  end
  result[i + 2] = token
end
if not leaving then
  for i = 1, partitions do
    local holder = redis.call('GET', KEYS[2 * i])
    if held < share and result[i + 2] == '' and is_free(holder) then
      redis.call('SET', KEYS[2 * i], new, 'PX', ttl)
      redis.call('SET', KEYS[2 * i + 1], new)
      result[i + 2] = new
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
    /// Returns false without the partition, or {next cursor or '', {id, ms until its retry is due…},
    /// {id, attempts…}, {id, key…}}.
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
local state, due, attempts = redis.call('HGETALL', KEYS[3]), {}, {}
for i = 1, #state, 2 do
  local kind, id = string.sub(state[i], 1, 2), string.sub(state[i], 3)
  if kind == 'd:' then
    due[#due + 1] = id
    due[#due + 1] = string.format('%d', math.max(0, tonumber(state[i + 1]) - now))
  elseif kind == 'a:' then
    attempts[#attempts + 1] = id
    attempts[#attempts + 1] = tonumber(state[i + 1])
  end
end
local cursor = ''
if #entries == tonumber(ARGV[5]) then cursor = entries[#entries][1] end
return {cursor, due, attempts, found}"
);

script!(
    /// Reads the entries of a partition behind the last one that its holder knows: first those that were read before,
    /// whose answer was lost, then new ones. An entry for another group alone is settled unseen.
    /// KEYS: fence, stream. ARGV: token, group, reader, how many, the last one that is known.
    /// Returns false without the partition, or {the last id that the group was given, whether there may be more,
    /// {id, key…}}.
    /// In steps of 16 up to about a megabyte, because Redis holds what it reads.
    FETCH,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local found, last, size, count = {}, '', 0, 0
local after, is_new = ARGV[5], false
while true do
  local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', 16, 'STREAMS', KEYS[2], is_new and '>' or after)
  local entries = read and read[1][2] or {}
  for _, entry in ipairs(entries) do
    local key, only = '', nil
    for i = 1, #(entry[2] or {}), 2 do
      local field, value = entry[2][i], entry[2][i + 1]
      size = size + #value
      if field == 'k' then key = value elseif field == 'g' then only = value end
    end
    last, after = entry[1], entry[1]
    if only and only ~= ARGV[2] then
      redis.call('XACK', KEYS[2], ARGV[2], entry[1])
    else
      found[#found + 1] = entry[1]
      found[#found + 1] = key
    end
  end
  count = count + #entries
  if count >= tonumber(ARGV[4]) or size > 1000000 then break end
  if #entries < 16 then
    if is_new then break end
    is_new = true
  end
end
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
    /// KEYS: fence, stream, state of each entry. ARGV: group, then of each: token, id, the number of this handing-out,
    /// and the how-manieth attempt it is.
    /// Returns for each: false without the partition, {0} when it is settled already, or
    /// {attempt, payload, reason of the last retry or ''}.
    HAND_OUT,
    String::from(IS_LATER) + r"
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local result = {}
for n = 1, #KEYS / 3 do
  local fence, stream, state = KEYS[3 * n - 2], KEYS[3 * n - 1], KEYS[3 * n]
  local token, id = ARGV[4 * n - 2], ARGV[4 * n - 1]
  local number, wanted = tonumber(ARGV[4 * n]), tonumber(ARGV[4 * n + 1])
  if redis.call('GET', fence) ~= token then
    result[n] = false
  elseif #redis.call('XPENDING', stream, ARGV[1], id, id, 1) == 0 then
    result[n] = {0}
  else
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry then
      local payload = ''
      for i = 1, #entry[2], 2 do if entry[2][i] == 'p' then payload = entry[2][i + 1] end end
      local attempt = tonumber(redis.call('HGET', state, 'a:' .. id) or 0)
      if is_later(redis.call('HGET', state, 'h:' .. id), token, number) then
        attempt = math.max(attempt, wanted)
        redis.call('HSET', state, 'a:' .. id, attempt, 'h:' .. id, token .. '#' .. ARGV[4 * n])
        redis.call('HSETNX', state, 'f:' .. id, now)
        redis.call('HDEL', state, 'd:' .. id)
      end
      result[n] = {attempt, payload, redis.call('HGET', state, 'r:' .. id) or ''}
    else
      redis.call('XACK', stream, ARGV[1], id)
      redis.call('HDEL', state, 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id, 'h:' .. id)
      result[n] = {0}
    end
  end
end
return result"
);

script!(
    /// Takes an attempt back that no handler ever saw, once; a handing-out that is still on its way then changes
    /// nothing when it arrives. KEYS: fence, stream, state. ARGV: token, group, id, the number of the handing-out.
    UNCOUNT,
    String::from(IS_LATER) + r"
local id, state = ARGV[3], KEYS[3]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if #redis.call('XPENDING', KEYS[2], ARGV[2], id, id, 1) == 0 then return 0 end
local last = redis.call('HGET', state, 'h:' .. id)
local number = tonumber(ARGV[4])
if last == ARGV[1] .. '#' .. ARGV[4] then
  if redis.call('HINCRBY', state, 'a:' .. id, -1) <= 0 then
    redis.call('HDEL', state, 'a:' .. id, 'f:' .. id)
  else
    redis.call('HSETNX', state, 'd:' .. id, 0)
  end
end
if is_later(last, ARGV[1], number + 1) then
  redis.call('HSET', state, 'h:' .. id, ARGV[1] .. '#' .. string.format('%d', number + 1))
end
return 1"
);

script!(
    /// The entry is done, whoever has said so. KEYS: fence, stream, state. ARGV: token, group, id.
    /// Returns 0 when it is in another's hands.
    ACK,
    r"
local id = ARGV[3]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return #redis.call('XPENDING', KEYS[2], ARGV[2], id, id, 1) == 0 and 1 or 0
end
redis.call('XACK', KEYS[2], ARGV[2], id)
redis.call('HDEL', KEYS[3], 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id, 'h:' .. id)
return 1"
);

script!(
    /// The entry is due again later. KEYS: fence, state. ARGV: token, id, the number of the handing-out, ms from now,
    /// reason. Returns 0 when it is not in this hand any more.
    RETRY,
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local id = ARGV[2]
if redis.call('HGET', KEYS[2], 'h:' .. id) ~= ARGV[1] .. '#' .. ARGV[3] then return 0 end
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[4])
redis.call('HSET', KEYS[2], 'd:' .. id, string.format('%d', due), 'r:' .. id, ARGV[5])
return 1"
);

script!(
    /// The entry becomes a dead letter. KEYS: fence, stream, state, dead. ARGV: token, group, id, the number of the
    /// handing-out, reason, attempts.
    /// Returns 0 when it is not in this hand any more. An entry that is settled already stays so.
    FAIL,
    r"
local id, state = ARGV[3], KEYS[3]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if #redis.call('XPENDING', KEYS[2], ARGV[2], id, id, 1) == 0 then return 1 end
if redis.call('HGET', state, 'h:' .. id) ~= ARGV[1] .. '#' .. ARGV[4] then return 0 end
local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
redis.call('XACK', KEYS[2], ARGV[2], id)
if entry then
  local key, payload = '', ''
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'k' then key = entry[2][i + 1] elseif entry[2][i] == 'p' then payload = entry[2][i + 1] end
  end
  redis.call('XADD', KEYS[4], '*', 'k', key, 'p', payload, 'r', ARGV[5], 'a', ARGV[6],
    'c', string.match(id, '^%d+'), 'f', ARGV[6] ~= '0' and redis.call('HGET', state, 'f:' .. id) or '0')
end
redis.call('HDEL', state, 'a:' .. id, 'f:' .. id, 'd:' .. id, 'r:' .. id, 'h:' .. id)
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
    /// Publishes a dead letter to its group again; asked again, it answers the same.
    /// KEYS: once, dead, stream. ARGV: how long the answer is remembered in ms, group, id. Returns 0 when it is gone.
    RETRY_DEAD,
    r"
local answer = redis.call('GET', KEYS[1])
if answer then return tonumber(answer) end
local entry = redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3])[1]
if not entry then return 0 end
local key, payload = '', ''
for i = 1, #entry[2], 2 do
  if entry[2][i] == 'k' then key = entry[2][i + 1] elseif entry[2][i] == 'p' then payload = entry[2][i + 1] end
end
redis.call('XADD', KEYS[3], '*', 'k', key, 'p', payload, 'g', ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1"
);

script!(
    /// Deletes a dead letter; asked again, it answers the same.
    /// KEYS: once, dead. ARGV: how long the answer is remembered in ms, id. Returns 0 when it is gone.
    PURGE_DEAD,
    r"
local answer = redis.call('GET', KEYS[1])
if answer then return tonumber(answer) end
if redis.call('XDEL', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
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
