//! The two schemas are one: every column, key, index, reference and check of one has its twin in the other.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use tokio_postgres::NoTls;

use crate::support::TestDb;

/// What both databases say about a table, in one language.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<Column>,
    indexes: BTreeSet<Index>,
    references: BTreeSet<Reference>,
    checks: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    /// PostgreSQL's name of the type.
    kind: String,
    nullable: bool,
    default: Option<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    /// Only those that have one of their own; constraints make their indexes by other names.
    name: Option<String>,
    primary: bool,
    unique: bool,
    columns: String,
    condition: Option<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    column: String,
    table: String,
    referred: String,
    on_delete: String,
}

type Schema = BTreeMap<String, Table>;

#[tokio::test(flavor = "multi_thread")]
async fn both_schemas_are_the_same() {
    let (postgres, sqlite) = (TestDb::postgres().await, TestDb::sqlite());
    for test in [&postgres, &sqlite] {
        test.open().await.migrate().await.unwrap();
    }
    let one = of_postgres(&postgres.url).await;
    let two = of_sqlite(&sqlite.url, &one);
    assert!(one.len() >= 11, "{:?}", one.keys());
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>(),
        "the same tables"
    );
    for (name, table) in &one {
        assert!(
            !table.columns.is_empty() && !table.indexes.is_empty(),
            "{name}: {table:?}"
        );
        assert_eq!(
            table, &two[name],
            "PostgreSQL's {name} on the left, SQLite's on the right"
        );
    }
    let all = |count: fn(&Table) -> usize| one.values().map(count).sum::<usize>();
    assert!(all(|table| table.references.len()) >= 15, "references were found");
    assert!(all(|table| table.checks.len()) >= 12, "checks were found");
    assert!(
        one["scheduled_tasks"]
            .indexes
            .iter()
            .any(|index| index.condition.as_deref() == Some("status='active'")),
        "conditions were found"
    );
}

/// A backup copies what the source declares; this holds that the source declares all that there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_holds_every_column_of_every_table() {
    let test = TestDb::postgres().await;
    let db = test.open().await;
    db.migrate().await.unwrap();
    let mut copy = Vec::new();
    db.back_up(&mut copy, &mut |_, _| ()).await.unwrap();
    let copied: BTreeMap<String, BTreeSet<String>> = String::from_utf8(copy)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line.get("columns").is_some())
        .map(|line| {
            let columns = line["columns"].as_array().unwrap().iter();
            let names = columns.map(|column| column[0].as_str().unwrap().to_owned());
            (line["table"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect();
    let there: BTreeMap<String, BTreeSet<String>> = of_postgres(&test.url)
        .await
        .into_iter()
        .map(|(name, table)| {
            (
                name,
                table.columns.into_iter().map(|column| column.name).collect(),
            )
        })
        .collect();
    assert_eq!(
        copied, there,
        "what is copied on the left, what there is on the right"
    );
}

async fn of_postgres(url: &str) -> Schema {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut schema = Schema::new();
    let columns = "SELECT table_name::text, column_name::text, udt_name::text, is_nullable = 'YES', column_default::text
        FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    for row in client.query(columns, &[]).await.unwrap() {
        schema.entry(row.get(0)).or_default().columns.push(Column {
            name: row.get(1),
            kind: row.get(2),
            nullable: row.get(3),
            default: row.get::<_, Option<String>>(4).map(|text| plain(&text)),
        });
    }
    let indexes = "SELECT t.relname::text, i.relname::text, x.indisprimary, x.indisunique,
            (SELECT string_agg(pg_get_indexdef(x.indexrelid, n, false), ',' ORDER BY n) FROM generate_series(1, x.indnkeyatts) n),
            pg_get_expr(x.indpred, x.indrelid), EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relnamespace = current_schema()::regnamespace";
    for row in client.query(indexes, &[]).await.unwrap() {
        let of_constraint: bool = row.get(6);
        let index = Index {
            name: (!of_constraint).then(|| row.get(1)),
            primary: row.get(2),
            unique: row.get(3),
            columns: row.get(4),
            condition: row.get::<_, Option<String>>(5).map(|text| plain(&text)),
        };
        schema
            .get_mut(row.get::<_, &str>(0))
            .unwrap()
            .indexes
            .insert(index);
    }
    let references = "SELECT t.relname::text, a.attname::text, r.relname::text, b.attname::text,
            CASE c.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.connamespace = current_schema()::regnamespace";
    for row in client.query(references, &[]).await.unwrap() {
        let reference = Reference {
            column: row.get(1),
            table: row.get(2),
            referred: row.get(3),
            on_delete: row.get(4),
        };
        schema
            .get_mut(row.get::<_, &str>(0))
            .unwrap()
            .references
            .insert(reference);
    }
    let checks = "SELECT t.relname::text, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'c' AND c.connamespace = current_schema()::regnamespace";
    for row in client.query(checks, &[]).await.unwrap() {
        let text: String = row.get(1);
        let check = plain(text.strip_prefix("CHECK").unwrap());
        schema
            .get_mut(row.get::<_, &str>(0))
            .unwrap()
            .checks
            .insert(check);
    }
    schema.remove("__diesel_schema_migrations");
    schema
}

/// SQLite has fewer types, so `twin` says which of PostgreSQL's a column has to stand for.
fn of_sqlite(url: &str, twin: &Schema) -> Schema {
    let mut connection = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    let mut rows = |query: &str| -> Vec<Row> { sql_query(query).load(&mut connection).unwrap() };
    let mut schema = Schema::new();
    let tables = "SELECT name AS a, sql AS b, NULL AS c, NULL AS d, NULL AS m FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    for table in rows(tables) {
        let (name, sql) = (table.a.unwrap(), table.b.unwrap());
        assert!(
            sql.trim_end().ends_with("STRICT"),
            "{name} holds its columns to their types"
        );
        let mut found = Table::default();
        for column in rows(&format!(
            "SELECT name AS a, type AS b, dflt_value AS c, \"notnull\" AS m, NULL AS d FROM pragma_table_info('{name}') ORDER BY cid"
        )) {
            let column_name = column.a.unwrap();
            let kind = twin
                .get(&name)
                .and_then(|table| table.columns.iter().find(|twin| twin.name == column_name))
                .map_or("", |twin| &twin.kind);
            let stored = column.b.unwrap().to_lowercase();
            found.columns.push(Column {
                kind: if stored == stored_as(kind) {
                    kind.to_owned()
                } else {
                    format!("{stored} for {kind}")
                },
                name: column_name,
                nullable: column.m == Some(0),
                default: column.c.map(|text| plain(&text)),
            });
        }
        for index in rows(&format!(
            "SELECT l.name AS a, l.origin AS b, s.sql AS c, l.\"unique\" AS m, NULL AS d FROM pragma_index_list('{name}') l
             LEFT JOIN sqlite_master s ON s.name = l.name"
        )) {
            let (index_name, origin) = (index.a.unwrap(), index.b.unwrap());
            let columns: Vec<String> = rows(&format!(
                "SELECT name AS a, NULL AS b, NULL AS c, NULL AS d, NULL AS m FROM pragma_index_info('{index_name}') ORDER BY seqno"
            ))
            .into_iter()
            .map(|row| row.a.unwrap())
            .collect();
            found.indexes.insert(Index {
                name: (origin == "c").then_some(index_name),
                primary: origin == "pk",
                unique: index.m == Some(1),
                columns: columns.join(","),
                condition: index.c.and_then(|sql| sql.split_once("WHERE").map(|(_, text)| plain(text))),
            });
        }
        // A key that is the row's own number needs no index.
        if sql.contains("integer PRIMARY KEY") {
            found.indexes.insert(Index {
                name: None,
                primary: true,
                unique: true,
                columns: found.columns[0].name.clone(),
                condition: None,
            });
        }
        for reference in rows(&format!(
            "SELECT \"from\" AS a, \"table\" AS b, \"to\" AS c, on_delete AS d, NULL AS m FROM pragma_foreign_key_list('{name}')"
        )) {
            found.references.insert(Reference {
                column: reference.a.unwrap(),
                table: reference.b.unwrap(),
                referred: reference.c.unwrap(),
                on_delete: reference.d.unwrap(),
            });
        }
        // A boolean is an integer that is 0 or 1.
        let booleans: Vec<String> = found
            .columns
            .iter()
            .filter(|column| column.kind == "bool")
            .map(|column| format!("{}in0,1", column.name))
            .collect();
        found.checks = checks_in(&sql)
            .filter(|check| !booleans.contains(check))
            .collect();
        schema.insert(name, found);
    }
    schema
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    a: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    b: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    c: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    d: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
    m: Option<i64>,
}

fn stored_as(postgres: &str) -> &'static str {
    match postgres {
        "uuid" => "blob",
        "timestamptz" | "int8" | "bool" => "integer",
        "text" | "jsonb" => "text",
        _ => "nothing",
    }
}

/// The checks of a table, from the statement that made it.
fn checks_in(sql: &str) -> impl Iterator<Item = String> + '_ {
    sql.match_indices("CHECK (").map(|(start, opening)| {
        let rest = &sql[start + opening.len()..];
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        plain(&rest[..end.unwrap()])
    })
}

/// An expression without what the two write differently.
fn plain(expression: &str) -> String {
    let text = expression.replace("= ANY (ARRAY[", "IN (").to_lowercase();
    let text = ["::text", "::jsonb", "::bigint"]
        .iter()
        .fold(text, |text, cast| text.replace(cast, ""));
    text.chars()
        .filter(|c| !c.is_whitespace() && !"()[]".contains(*c))
        .collect()
}
