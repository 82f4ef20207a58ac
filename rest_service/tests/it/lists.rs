//! Lists: filtered, sorted, paged so that rows which are added meanwhile change nothing, and as CSV.

use chrono::TimeDelta;
use rest_client::{
    AllTasksQuery, AssistantKind, AssistantListQuery, ListSort, NewAssistant, NewTool, NewUser, Page, Role,
    TaskListQuery, TaskSort, TaskStatus, ToolListQuery, UserListQuery, UserState,
};
use schedule::Schedule;
use uuid::Uuid;

use crate::support::{TestApp, TestDb, on_both, refused_fields, reminder};

on_both!(
    users_are_found_by_state_role_and_name,
    pages_stay_right_while_rows_are_added,
    a_cursor_belongs_to_its_order,
    assistants_and_tools_are_found_by_kind,
    tasks_are_listed_by_when_they_fire,
    lists_come_as_csv,
);

async fn member(app: &TestApp, name: &str, role: Role, state: UserState) -> Uuid {
    app.clock.advance(TimeDelta::milliseconds(1));
    let new = NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: Some(role),
        state: Some(state),
    };
    app.client.create_user(&new).await.unwrap().id
}

/// All names, over pages of two.
async fn names(app: &TestApp, query: &UserListQuery) -> Vec<String> {
    let mut query = UserListQuery {
        limit: Some(2),
        ..query.clone()
    };
    let mut names = Vec::new();
    loop {
        let page: Page<_> = app.client.users(&query).await.unwrap();
        names.extend(page.items.into_iter().map(|user| user.name));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return names,
        }
    }
}

async fn users_are_found_by_state_role_and_name(db: TestDb) {
    let app = TestApp::start(db).await;
    for (name, role, state) in [
        ("Zoe", Role::Owner, UserState::Active),
        ("anna", Role::Member, UserState::Active),
        ("Anton", Role::Member, UserState::Pending),
        ("Änne", Role::Member, UserState::Active),
        ("Anton", Role::Member, UserState::Blocked),
        ("Anna", Role::Owner, UserState::Active),
    ] {
        member(&app, name, role, state).await;
    }
    let all = UserListQuery::default();
    let by = |sort| UserListQuery {
        sort: Some(sort),
        ..UserListQuery::default()
    };
    let oldest = ["Zoe", "anna", "Anton", "Änne", "Anton", "Anna"];
    assert_eq!(names(&app, &all).await, oldest);
    let mut newest = names(&app, &by(ListSort::NewestFirst)).await;
    newest.reverse();
    assert_eq!(newest, oldest);
    let sorted = ["Anna", "Anton", "Anton", "Zoe", "anna", "Änne"];
    assert_eq!(names(&app, &by(ListSort::Name)).await, sorted, "by code point");
    let mut backwards = names(&app, &by(ListSort::NameBackwards)).await;
    backwards.reverse();
    assert_eq!(backwards, sorted);
    let begins = |name: &str| UserListQuery {
        name: Some(name.to_owned()),
        ..UserListQuery::default()
    };
    assert_eq!(names(&app, &begins("An")).await, ["Anna", "Anton", "Anton"]);
    assert_eq!(names(&app, &begins("Ä")).await, ["Änne"]);
    assert!(names(&app, &begins("A%")).await.is_empty(), "no pattern");
    assert!(names(&app, &begins("\u{10ffff}")).await.is_empty());
    let owners = UserListQuery {
        role: Some(Role::Owner),
        sort: Some(ListSort::Name),
        ..UserListQuery::default()
    };
    assert_eq!(names(&app, &owners).await, ["Anna", "Zoe"]);
    let waiting = UserListQuery {
        state: Some(UserState::Pending),
        ..begins("An")
    };
    assert_eq!(names(&app, &waiting).await, ["Anton"]);
    let unfit = UserListQuery {
        sort: Some(ListSort::CreatedAt),
        ..begins("An")
    };
    assert_eq!(refused_fields(app.client.users(&unfit).await), ["sort"]);
}

async fn pages_stay_right_while_rows_are_added(db: TestDb) {
    let app = TestApp::start(db).await;
    for name in ["b", "d", "d", "d", "f"] {
        member(&app, name, Role::Member, UserState::Active).await;
    }
    let mut query = UserListQuery {
        sort: Some(ListSort::Name),
        limit: Some(2),
        ..UserListQuery::default()
    };
    let first = app.client.users(&query).await.unwrap();
    assert_eq!(
        first
            .items
            .iter()
            .map(|user| user.name.as_str())
            .collect::<Vec<_>>(),
        ["b", "d"]
    );
    // Before the page's end, and behind it.
    for name in ["a", "c", "e"] {
        member(&app, name, Role::Member, UserState::Active).await;
    }
    query.cursor = first.next_cursor;
    let mut rest = Vec::new();
    loop {
        let page = app.client.users(&query).await.unwrap();
        rest.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(
        rest.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
        ["d", "d", "e", "f"],
        "nothing twice and nothing left out of what was there"
    );
    assert!(rest.iter().all(|user| user.id != first.items[1].id));
}

async fn a_cursor_belongs_to_its_order(db: TestDb) {
    let app = TestApp::start(db).await;
    for name in ["a", "b", "c"] {
        member(&app, name, Role::Member, UserState::Active).await;
    }
    let asked = async |sort, cursor: Option<String>| {
        let query = UserListQuery {
            sort: Some(sort),
            limit: Some(1),
            cursor,
            ..UserListQuery::default()
        };
        app.client.users(&query).await
    };
    let cursor = asked(ListSort::Name, None).await.unwrap().next_cursor;
    asked(ListSort::Name, cursor.clone()).await.unwrap();
    for other in [
        ListSort::CreatedAt,
        ListSort::NewestFirst,
        ListSort::NameBackwards,
    ] {
        assert_eq!(refused_fields(asked(other, cursor.clone()).await), ["cursor"]);
    }
    for wrong in ["", "x", "W10", "'; DROP TABLE users"] {
        let refused = asked(ListSort::Name, Some(wrong.to_owned())).await;
        assert_eq!(refused_fields(refused), ["cursor"], "{wrong:?}");
    }
}

async fn assistants_and_tools_are_found_by_kind(db: TestDb) {
    let app = TestApp::start(db).await;
    for (name, active) in [("Coach", true), ("Cook", false)] {
        let new = NewAssistant {
            kind: AssistantKind::Sub,
            name: name.to_owned(),
            instructions: String::new(),
            model: None,
            parameters: serde_json::Map::new(),
            active: Some(active),
        };
        app.client.create_assistant(&new).await.unwrap();
    }
    let new = NewTool {
        kind: "lamp".to_owned(),
        name: "a_weather".to_owned(),
        description: String::new(),
        config: serde_json::Map::new(),
        active: Some(false),
    };
    app.client.create_tool(&new).await.unwrap();

    let found = async |kind, active| {
        let query = AssistantListQuery {
            kind,
            active,
            sort: Some(ListSort::NameBackwards),
            ..AssistantListQuery::default()
        };
        let page = app.client.assistants(&query).await.unwrap();
        page.items.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(found(None, None).await, ["Cook", "Coach", "Assistant"]);
    assert_eq!(found(Some(AssistantKind::Sub), Some(true)).await, ["Coach"]);
    assert_eq!(found(None, Some(false)).await, ["Cook"]);
    let found = async |kind: Option<&str>, active| {
        let query = ToolListQuery {
            kind: kind.map(str::to_owned),
            active,
            sort: Some(ListSort::Name),
            ..ToolListQuery::default()
        };
        let page = app.client.tools(&query).await.unwrap();
        page.items.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(found(None, Some(false)).await, ["a_weather"]);
    assert_eq!(found(Some("time"), None).await, ["time"]);
    assert_eq!(
        found(None, None).await.first().map(String::as_str),
        Some("a_weather")
    );
}

async fn tasks_are_listed_by_when_they_fire(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ann, bob) = (app.user("Ann").await.id, app.user("Bob").await.id);
    let mut ids = Vec::new();
    for (user, text, minutes) in [(ann, "c", 30), (bob, "b", 20), (ann, "a", 10), (ann, "b", 20)] {
        app.clock.advance(TimeDelta::milliseconds(1));
        let at = app.clock_now() + TimeDelta::minutes(minutes);
        let task = reminder(text, Schedule::Once { at });
        ids.push(app.client.create_task(user, &task).await.unwrap().id);
    }
    app.client.cancel_task(ann, ids[3]).await.unwrap();

    let own = async |query: TaskListQuery| app.client.tasks(ann, &query).await;
    let texts = |page: Page<rest_client::ScheduledTask>| {
        page.items.into_iter().map(|task| task.text).collect::<Vec<_>>()
    };
    let by = |sort| TaskListQuery {
        sort: Some(sort),
        ..TaskListQuery::default()
    };
    assert_eq!(
        texts(own(by(TaskSort::CreatedAt)).await.unwrap()),
        ["c", "a", "b"]
    );
    assert_eq!(
        texts(own(by(TaskSort::NewestFirst)).await.unwrap()),
        ["b", "a", "c"]
    );
    assert_eq!(texts(own(by(TaskSort::NextRunAt)).await.unwrap()), ["a", "c"]);
    assert_eq!(texts(own(by(TaskSort::LastRunAt)).await.unwrap()), ["c", "a"]);
    let soon = TaskListQuery {
        due_before: Some(app.clock_now() + TimeDelta::minutes(25)),
        ..TaskListQuery::default()
    };
    assert_eq!(texts(own(soon.clone()).await.unwrap()), ["a"]);
    let unfit = TaskListQuery {
        sort: Some(TaskSort::CreatedAt),
        status: Some(TaskStatus::Done),
        ..soon.clone()
    };
    assert_eq!(refused_fields(own(unfit).await), ["sort"]);
    let never = TaskListQuery {
        status: Some(TaskStatus::Done),
        ..by(TaskSort::NextRunAt)
    };
    assert_eq!(refused_fields(own(never).await), ["status"]);

    let mut query = AllTasksQuery {
        due_before: Some(app.clock_now() + TimeDelta::minutes(25)),
        limit: Some(1),
        ..AllTasksQuery::default()
    };
    let mut all = Vec::new();
    loop {
        let page = app.client.all_tasks(&query).await.unwrap();
        all.extend(page.items.iter().map(|task| task.text.clone()));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(all, ["a", "b"], "of all users, without what is cancelled");
    let cancelled = AllTasksQuery {
        status: Some(TaskStatus::Cancelled),
        user: Some(ann),
        ..AllTasksQuery::default()
    };
    assert_eq!(texts(app.client.all_tasks(&cancelled).await.unwrap()), ["b"]);
}

async fn lists_come_as_csv(db: TestDb) {
    let app = TestApp::start(db).await;
    member(&app, "=cmd|'/c calc'!A0", Role::Member, UserState::Active).await;
    member(&app, "Ada, \"the\nfirst\"", Role::Owner, UserState::Active).await;
    let answer = app
        .request("GET", "/users?limit=1&sort=name")
        .header("accept", "text/csv")
        .send()
        .await
        .unwrap();
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let link = answer.headers()["link"].to_str().unwrap().to_owned();
    let text = answer.text().await.unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,name,locale,time_zone,role,state,secretary_id,version,created_at,updated_at,budget_day_micros,\
         budget_month_micros,budget_day_tokens,budget_month_tokens"
    );
    assert!(
        lines[1].contains(",'=cmd|'/c calc'!A0,en,UTC,member,active,,1,2026-11-20T12:00:00"),
        "{text}"
    );
    assert_eq!(lines.len(), 3, "{text}");
    let cursor = link
        .strip_prefix("<?limit=1&sort=name&cursor=")
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    let next = app
        .request("GET", &format!("/users?limit=1&sort=name&cursor={cursor}"))
        .header("accept", "text/csv")
        .send()
        .await
        .unwrap();
    assert!(next.headers().get("link").is_none(), "the last page");
    assert!(
        next.text()
            .await
            .unwrap()
            .contains(",\"Ada, \"\"the\nfirst\"\"\",en,")
    );
    for path in ["/assistants", "/tools", "/scheduled_tasks"] {
        let answer = app
            .request("GET", path)
            .header("accept", "text/csv")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().starts_with("id,"), "{path}");
    }
    // The first kind that is known decides.
    for (accept, kind) in [
        ("text/html, text/csv;q=0.9, */*", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("*/*", "application/json"),
    ] {
        let request = app.request("GET", "/tools").header("accept", accept);
        let answer = request.send().await.unwrap();
        let sent = answer.headers()["content-type"].to_str().unwrap();
        assert!(sent.starts_with(kind), "{accept}: {sent}");
    }
}
