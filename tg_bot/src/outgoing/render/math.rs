//! LaTeX as Unicode, where that is as readable; `None` where it is not, and the formula is better shown as it was written.
//! Pure.

/// No formula that is nested deeper is simple.
const DEEPEST: usize = 12;

/// Commands, each followed by what stands for it.
const SYMBOLS: &str = "\
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu \
    μ nu ν xi ξ pi π varpi ϖ rho ρ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ \
    Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω times × cdot · div ÷ pm ± mp ∓ ast ∗ \
    star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ \
    propto ∝ ll ≪ gg ≫ prec ≺ succ ≻ infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ iint ∬ oint ∮ in ∈ notin ∉ ni ∋ \
    subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅ varnothing ∅ forall ∀ exists ∃ neg ¬ \
    lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ to → rightarrow → longrightarrow → leftarrow ← gets ← leftrightarrow ↔ \
    Rightarrow ⇒ implies ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ rightleftharpoons ⇌ \
    ldots … cdots ⋯ dots … vdots ⋮ degree ° prime ′ angle ∠ perp ⊥ parallel ∥ mid ∣ therefore ∴ because ∵ hbar ℏ ell \
    ℓ Re ℜ Im ℑ aleph ℵ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ vert | Vert ‖ lbrace { rbrace } colon : \
    blacksquare ■ square □ checkmark ✓ dagger † triangle △ euro € pounds £";

/// Names that stand for themselves.
const NAMES: &[&str] = &[
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log",
    "ln", "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "dim", "ker", "gcd", "deg", "arg", "Pr",
];

/// Commands that show what they are given as it is.
const PLAIN: &[&str] = &[
    "text",
    "textrm",
    "textbf",
    "textit",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathtt",
    "operatorname",
    "mbox",
    "boldsymbol",
    "bm",
    "mathcal",
    "mathscr",
    "boxed",
    "displaystyle",
];

/// Commands that only change sizes.
const SIZES: &[&str] = &[
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "middle",
    "limits",
    "displaystyle",
    "textstyle",
    "nonumber",
    "notag",
];

/// Letters, and the same with double strokes.
const BLACKBOARD: (&str, &str) = ("CHNPQRZEF1", "ℂℍℕℙℚℝℤ𝔼𝔽𝟙");

/// Marks on a letter.
const ACCENTS: &[(&str, char)] = &[
    ("vec", '\u{20d7}'),
    ("hat", '\u{302}'),
    ("bar", '\u{304}'),
    ("overline", '\u{304}'),
    ("dot", '\u{307}'),
    ("ddot", '\u{308}'),
    ("tilde", '\u{303}'),
    ("underline", '\u{332}'),
];

const RAISED: (&str, &str) = (
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzTNABDEGHIJKLMOPRUW′°∘*∗†βγδθφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴺᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴼᴾᴿᵁᵂ′°°**†ᵝᵞᵟᶿᵠᵡ",
);

const LOWERED: (&str, &str) = (
    "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
);

/// A formula as text; `None` where its source reads better.
pub(super) fn to_unicode(latex: &str) -> Option<String> {
    let mut reader = Reader {
        rest: latex,
        depth: 0,
    };
    let text = reader.sequence(false)?;
    if !reader.rest.is_empty() {
        return None;
    }
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn symbol(name: &str) -> Option<&'static str> {
    let mut words = SYMBOLS.split_ascii_whitespace();
    while let (Some(known), Some(symbol)) = (words.next(), words.next()) {
        if known == name {
            return Some(symbol);
        }
    }
    None
}

/// The character at the same place of the other list.
fn other_form((from, to): (&str, &str), character: char) -> Option<char> {
    from.chars()
        .zip(to.chars())
        .find(|(from, _)| *from == character)
        .map(|(_, to)| to)
}

/// Text above or below the line (`x<sup>2</sup>`): with characters for that where there are, else with a mark.
pub(super) fn script(text: &str, is_raised: bool) -> String {
    let (table, mark) = if is_raised { (RAISED, '^') } else { (LOWERED, '_') };
    let one = |c: char| other_form(table, c);
    let all: Option<String> = text.chars().filter(|c| *c != ' ').map(one).collect();
    match all {
        Some(all) => all,
        None if text.chars().count() == 1 => format!("{mark}{text}"),
        None => format!("{mark}({text})"),
    }
}

/// Reads a formula from left to right.
struct Reader<'l> {
    rest: &'l str,
    depth: usize,
}

impl<'l> Reader<'l> {
    /// Up to the end, or to the brace that ends a group.
    fn sequence(&mut self, is_group: bool) -> Option<String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut text = String::new();
        while let Some(next) = self.rest.chars().next() {
            match next {
                '}' if is_group => break,
                '}' => return None,
                '^' | '_' => {
                    self.skip(1);
                    let argument = self.argument()?;
                    text.truncate(text.trim_end().len());
                    text.push_str(&script(argument.trim(), next == '^'));
                }
                '\'' => {
                    self.skip(1);
                    text.push('′');
                }
                // It aligns lines.
                '&' => self.skip(1),
                '~' => {
                    self.skip(1);
                    text.push(' ');
                }
                _ => text.push_str(&self.atom()?),
            }
        }
        self.depth -= 1;
        Some(text)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// What a command or a script is given: a group, a command, or one character.
    fn argument(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        self.atom()
    }

    /// A group, a command with what it is given, or one character.
    fn atom(&mut self) -> Option<String> {
        let next = self.rest.chars().next()?;
        match next {
            '{' => {
                self.skip(1);
                let inner = self.sequence(true)?;
                self.rest = self.rest.strip_prefix('}')?;
                Some(inner)
            }
            '\\' => self.command(),
            '-' => {
                self.skip(1);
                Some("−".to_owned())
            }
            other => {
                self.skip(other.len_utf8());
                Some(other.to_string())
            }
        }
    }

    fn command(&mut self) -> Option<String> {
        self.skip(1);
        let letters = self.rest.len()
            - self
                .rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        if letters == 0 {
            let sign = self.rest.chars().next()?;
            self.skip(sign.len_utf8());
            return match sign {
                '\\' => Some("\n".to_owned()),
                ',' | ';' | ':' | ' ' | '>' => Some(" ".to_owned()),
                '!' => Some(String::new()),
                '%' | '$' | '#' | '&' | '_' | '{' | '}' => Some(sign.to_string()),
                '|' => Some("‖".to_owned()),
                _ => None,
            };
        }
        let name = self.rest.get(..letters)?;
        self.skip(letters);
        let is_spaced = self.rest.starts_with(' ');
        if let Some(symbol) = symbol(name) {
            return Some(symbol.to_owned());
        }
        if NAMES.contains(&name) {
            let is_apart =
                is_spaced || self.rest.starts_with(['(', '_', '^', '{', '\\']) || self.rest.is_empty();
            return Some(if is_apart {
                name.to_owned()
            } else {
                format!("{name} ")
            });
        }
        if SIZES.contains(&name) {
            // "\left." is a bracket that nobody sees.
            self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
            return Some(String::new());
        }
        if PLAIN.contains(&name) {
            let is_words = name.starts_with("text") || name == "mbox" || name == "operatorname";
            return if is_words { self.words() } else { self.argument() };
        }
        if let Some((_, mark)) = ACCENTS.iter().find(|(known, _)| *known == name) {
            let letter = self.argument()?;
            return (letter.chars().count() == 1).then(|| format!("{letter}{mark}"));
        }
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                let (above, below) = (self.argument()?, self.argument()?);
                Some(format!("{}/{}", bracketed(&above), bracketed(&below)))
            }
            "sqrt" => self.root(),
            "binom" => {
                let (above, below) = (self.argument()?, self.argument()?);
                Some(format!("C({above}, {below})"))
            }
            "mathbb" => {
                let letters = self.argument()?;
                letters.chars().map(|c| other_form(BLACKBOARD, c)).collect()
            }
            "quad" | "qquad" => Some("  ".to_owned()),
            "pmod" => Some(format!("(mod {})", self.argument()?)),
            "bmod" | "mod" => Some(" mod ".to_owned()),
            "tag" => Some(format!(" ({})", self.words()?)),
            "begin" | "end" => {
                let name = self.words()?;
                let is_plain = [
                    "align", "aligned", "equation", "gather", "gathered", "split", "multline",
                ]
                .contains(&name.trim_end_matches('*'));
                is_plain.then(|| "\n".to_owned())
            }
            _ => None,
        }
    }

    /// Words in braces, as they are.
    fn words(&mut self) -> Option<String> {
        let inner = self.rest.trim_start().strip_prefix('{')?;
        let end = inner.find('}')?;
        let words = inner.get(..end)?;
        self.rest = inner.get(end + 1..)?;
        (!words.contains(['\\', '{', '$'])).then(|| words.to_owned())
    }

    fn root(&mut self) -> Option<String> {
        let mut sign = "√".to_owned();
        if let Some(rest) = self.rest.strip_prefix('[') {
            let end = rest.find(']')?;
            sign = match rest.get(..end)? {
                "2" => sign,
                "3" => "∛".to_owned(),
                "4" => "∜".to_owned(),
                other => format!("{}√", script(other, true)),
            };
            self.rest = rest.get(end + 1..)?;
        }
        let inner = self.argument()?;
        let is_short = inner.chars().all(char::is_alphanumeric);
        Some(if is_short {
            format!("{sign}{inner}")
        } else {
            format!("{sign}({inner})")
        })
    }
}

/// In brackets where it has more than one member.
fn bracketed(text: &str) -> String {
    let text = text.trim();
    let mut depth = 0_i32;
    let has_members = text.chars().any(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0 && (c.is_whitespace() || "+−-=<>±/,·×".contains(c))
    });
    if has_members {
        format!("({text})")
    } else {
        text.to_owned()
    }
}
