//! The tables, as both databases have them; see `migrations/`. What a table refers to stands before it, so that a
//! restore in this order finds it there.

use super::catalogue::tables;

tables! {
    assistants (id) {
        id -> Key,
        kind -> Word,
        name -> Text,
        instructions -> Text,
        model -> Nullable<Text>,
        parameters -> Document,
        active -> Bool,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }

    users (id) {
        id -> Key,
        name -> Text,
        locale -> Text,
        time_zone -> Text,
        role -> Word,
        state -> Word,
        secretary_id -> Nullable<Key>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        budget_day_micros -> Nullable<BigInt>,
        budget_month_micros -> Nullable<BigInt>,
        budget_day_tokens -> Nullable<BigInt>,
        budget_month_tokens -> Nullable<BigInt>,
        budget_told -> Text,
    }

    identities (id) {
        id -> Key,
        user_id -> Key,
        channel -> Word,
        external_id -> Text,
        display_name -> Text,
        created_at -> Instant,
    }

    tools (id) {
        id -> Key,
        kind -> Text,
        name -> Text,
        description -> Text,
        config -> Document,
        active -> Bool,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }

    assistant_tools (assistant_id, tool_id) {
        assistant_id -> Key,
        tool_id -> Key,
        created_at -> Instant,
    }

    sub_assistants (assistant_id, sub_id) {
        assistant_id -> Key,
        sub_id -> Key,
        description -> Text,
        created_at -> Instant,
    }

    threads (id) {
        id -> Key,
        user_id -> Key,
        assistant_id -> Key,
        conversation -> Text,
        parent_id -> Nullable<Key>,
        last_seq -> BigInt,
        summary -> Text,
        summarised_to -> BigInt,
        closed_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
    }

    turns (id) {
        id -> Key,
        event_id -> Text,
        user_id -> Key,
        thread_id -> Key,
        status -> Word,
        replies -> Document,
        model -> Nullable<Text>,
        prompt_tokens -> BigInt,
        completion_tokens -> BigInt,
        model_calls -> BigInt,
        error -> Nullable<Text>,
        started_at -> Instant,
        finished_at -> Instant,
        cost_micros -> BigInt,
    }

    messages (id) {
        id -> Key,
        user_id -> Key,
        thread_id -> Key,
        turn_id -> Key,
        seq -> BigInt,
        role -> Word,
        content -> Text,
        tool_calls -> Nullable<Document>,
        tool_call_id -> Nullable<Text>,
        created_at -> Instant,
        from_outside -> Bool,
    }

    scheduled_tasks (id) {
        id -> Key,
        user_id -> Key,
        action -> Word,
        text -> Text,
        schedule -> Document,
        time_zone -> Text,
        status -> Word,
        next_run_at -> Nullable<Instant>,
        last_run_at -> Nullable<Instant>,
        channel -> Word,
        chat -> Text,
        idempotency_key -> Nullable<Text>,
        lease_token -> Nullable<Key>,
        lease_until -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        from_outside -> Bool,
        held_since -> Nullable<Instant>,
    }

    pending_actions (id) {
        id -> Key,
        user_id -> Key,
        conversation -> Text,
        tool -> Text,
        args -> Document,
        summary -> Text,
        idempotency_key -> Text,
        state -> Word,
        decided_by -> Nullable<Text>,
        expires_at -> Instant,
        created_at -> Instant,
    }

    task_runs (id) {
        id -> Key,
        task_id -> Key,
        user_id -> Key,
        scheduled_for -> Instant,
        fired_at -> Instant,
        missed -> BigInt,
        created_at -> Instant,
    }

    deliveries (id) {
        id -> Key,
        user_id -> Key,
        reply_id -> Text,
        part -> BigInt,
        channel -> Word,
        chat -> Text,
        external_message_id -> Nullable<Text>,
        status -> Word,
        error -> Nullable<Text>,
        created_at -> Instant,
    }

    user_events (id) {
        id -> BigInt,
        user_id -> Key,
        reply_id -> Text,
        payload -> Document,
        created_at -> Instant,
    }

    api_keys (id) {
        id -> Key,
        name -> Text,
        prefix -> Text,
        secret_hash -> Text,
        role -> Word,
        scopes -> Nullable<Document>,
        expires_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        created_at -> Instant,
    }

    idempotency_keys (caller, key) {
        caller -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> BigInt,
        headers -> Document,
        body -> Text,
        created_at -> Instant,
    }

    audit (id) {
        id -> Key,
        at -> Instant,
        key_id -> Nullable<Key>,
        caller -> Text,
        role -> Text,
        remote_address -> Nullable<Text>,
        operation -> Word,
        resource -> Word,
        resource_id -> Key,
        user_id -> Nullable<Key>,
        before -> Nullable<Document>,
        after -> Nullable<Document>,
    }

    calendar_accounts (user_id) {
        user_id -> Key,
        grant_id -> Key,
        email -> Text,
        state -> Word,
        scopes -> Text,
        key_id -> Text,
        ciphertext -> Text,
        access_expires_at -> Instant,
        refresh_expires_at -> Nullable<Instant>,
        warned -> Bool,
        channel -> Word,
        chat -> Text,
        chore -> Nullable<Word>,
        lease_token -> Nullable<Key>,
        lease_until -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }

    calendar_links (id) {
        id -> Key,
        user_id -> Key,
        channel -> Word,
        chat -> Text,
        expires_at -> Instant,
        state_hash -> Nullable<Text>,
        browser_hash -> Nullable<Text>,
        key_id -> Nullable<Text>,
        verifier -> Nullable<Text>,
        state_expires_at -> Nullable<Instant>,
        used_at -> Nullable<Instant>,
        created_at -> Instant,
    }

    calendar_writes (id) {
        id -> Key,
        user_id -> Key,
        state -> Word,
        key_id -> Text,
        ciphertext -> Text,
        created_at -> Instant,
        updated_at -> Instant,
    }

    facts (id) {
        id -> Key,
        user_id -> Key,
        content -> Text,
        source -> Word,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        from_outside -> Bool,
    }

    usage (user_id, day, model) {
        user_id -> Key,
        day -> Text,
        model -> Text,
        turns -> BigInt,
        model_calls -> BigInt,
        prompt_tokens -> BigInt,
        completion_tokens -> BigInt,
        cost_micros -> BigInt,
    }

    budget_holds (user_id, id) {
        user_id -> Key,
        id -> Text,
        event_id -> Text,
        tokens -> BigInt,
        micros -> BigInt,
        expires_at -> Instant,
    }
}

diesel::joinable!(calendar_accounts -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(assistant_tools -> tools (tool_id));
diesel::joinable!(sub_assistants -> assistants (sub_id));
diesel::joinable!(messages -> threads (thread_id));
diesel::allow_tables_to_appear_in_same_query!(assistant_tools, tools);
diesel::allow_tables_to_appear_in_same_query!(calendar_accounts, users);
diesel::allow_tables_to_appear_in_same_query!(identities, users);
diesel::allow_tables_to_appear_in_same_query!(deliveries, users);
diesel::allow_tables_to_appear_in_same_query!(turns, users);
diesel::allow_tables_to_appear_in_same_query!(messages, threads);
diesel::allow_tables_to_appear_in_same_query!(sub_assistants, assistants);
diesel::allow_tables_to_appear_in_same_query!(budget_holds, usage);
