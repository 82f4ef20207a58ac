//! Typing mistakes in the words that make a request.

/// The words with what makes a request spelt right.
pub(super) fn mended(kept: &str) -> String {
    let words = kept.split(' ').map(|word| match word.to_lowercase().as_str() {
        "remnd" | "remid" | "remined" | "remiind" | "rimind" | "reming" | "remnid" | "reminde" => "remind",
        "reminer" | "remnder" | "remider" | "reminderr" => "reminder",
        typed if is_misspelt(typed, "remind") => "remind",
        typed if is_misspelt(typed, "reminder") => "reminder",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is a command with one wrong, missing or additional letter; words that exist are none.
fn is_misspelt(typed: &str, command: &str) -> bool {
    let real = ["rewind", "remand", "reminds", "reminded", "reminders"];
    let (one, other): (Vec<char>, Vec<char>) = (typed.chars().collect(), command.chars().collect());
    if real.contains(&typed) || one.first() != other.first() || one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let end = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = one.len().max(other.len());
    typed != command && same + end + 1 >= longer
}
