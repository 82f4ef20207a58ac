//! Folders for SQLite files.

use test_support::sqlite::TestFile;

#[test]
fn a_folder_holds_several_databases_and_vanishes_on_drop() {
    let files = TestFile::create();
    let folder = files.path().to_owned();
    assert_eq!(files.url("a"), format!("sqlite:{}/a.sqlite", folder.display()));
    assert_ne!(files.url("a"), files.url("b"));
    std::fs::write(folder.join("a.sqlite"), "data").unwrap();

    drop(files);

    assert!(!folder.exists());
}
