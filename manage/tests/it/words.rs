//! `manage texts`: all that the product itself says, side by side.

use crate::process::Place;

#[test]
fn every_language_stands_beside_the_others() {
    let place = Place::new();
    let all = place.output(&["texts"]);
    assert_eq!(all.status.code(), Some(0));
    let all = String::from_utf8(all.stdout).unwrap();
    for line in [
        "undo\n    en  Undo\n    de  Rückgängig\n    es  Deshacer\n    ru  Отменить\n",
        "    ru  1 минута\n    ru  2 минуты\n    ru  5 минут\n    ru  21 минута\n",
    ] {
        assert!(all.contains(line), "{all}");
    }
    let some = place.output(&["texts", "undo-too"]);
    let some = String::from_utf8(some.stdout).unwrap();
    assert_eq!(some.lines().count(), 5, "{some}");
    let none = place.output(&["texts", "no such text"]);
    assert_eq!(none.status.code(), Some(1));
}
