//! What models write beside Markdown, as Telegram shows it: a document for each kind, and its snapshot for a person to
//! read (`tests/it/snapshots`).

use crate::render::shown;

/// Shows each line of a document on its own, so that one does not change the next.
fn lines(document: &str) -> String {
    let shown: Vec<String> = document
        .lines()
        .map(|line| format!("{line}\n    {}", shown(line).replace('\n', "\n    ")))
        .collect();
    shown.join("\n")
}

#[test]
fn formulas_are_unicode_where_they_are_simple() {
    insta::assert_snapshot!(
        "formulas",
        lines(
            r"The area is $A = \pi r^2$, the sum \(a_1 + a_2\).
$E = mc^2$ and $\frac{a+b}{2}$ and $\sqrt{x}$ and $\sqrt[3]{x+1}$
$x \in \mathbb{R}$, $\forall \epsilon > 0$, $\alpha_i \leq \beta^{n+1}$
$\sum_{i=1}^{n} i = \frac{n(n+1)}{2}$
$\lim_{x \to 0} \frac{\sin x}{x} = 1$
$\vec{v} \cdot \hat{n}$, $90^\circ$, $\text{speed} = 5\,\text{m/s}$
\[ \int_0^\infty e^{-x^2} \, dx = \frac{\sqrt{\pi}}{2} \]
$$a^2 + b^2 = c^2$$
Water is $\mathrm{H_2O}$, and $f'(x) = 2x$.
A matrix \(\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}\) stays.
\[\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}\]
$\unknown{x}$ stays as it is, underscores_too: $a_b * c_d * e$
**Bold $x_1$ and *more* $y_2$**"
        )
    );
}

#[test]
fn prices_shells_and_brackets_are_no_formulas() {
    insta::assert_snapshot!(
        "no_formulas",
        lines(
            r"It costs $5 and then $10, so $5-$10 or $5–$10.
$HOME/$USER and ${NAME} and US$ 5, 5$ and 6$
`$x^2$` and ``\(a_b\)`` are code
\[not a formula\] and \(neither\)
A \$5 note and \$x\$
$AAPL rose, $TSLA fell"
        )
    );
}

#[test]
fn formulas_in_code_stay_as_they_are() {
    insta::assert_snapshot!(
        "formulas_in_code",
        shown("```latex\n\\[ x^2 \\] and $a_1$\n```\n\n    $b_1$ **x**\n\n[link](https://a.example/$x_1$)")
    );
}

#[test]
fn html_is_understood() {
    insta::assert_snapshot!(
        "html",
        lines(
            r#"one<br>two<br/>three
<b>b</b> <strong>s</strong> <i>i</i> <em>e</em> <u>u</u> <ins>n</ins> <s>s</s> <del>d</del>
H<sub>2</sub>O, x<sup>2</sup>, x<sup>n+1</sup>, a<sub>max</sub>, 5<sup>th</sup>, e<sup>a/b</sup>
Press <kbd>Ctrl</kbd>+<kbd>C</kbd>, <code>a < b</code>
<a href="https://a.example/x">a page</a>, <a href="/local">a path</a>, <img src="https://a.example/i.png" alt="a cat">
<span class="tg-spoiler">secret</span> <tg-spoiler>more</tg-spoiler> <span style="color:red">red</span>
<b>bold *and **Markdown*** in it</b> and **Markdown <i>and italics</i> in it**
<b>no end, and <i>crossed</b> over</i>
Vec<String>, a<b and c>d, <unknown>tag</unknown>, <script>alert(1)</script>
&lt;b&gt; &amp; &nbsp; &copy;"#
        )
    );
    insta::assert_snapshot!(
        "html_blocks",
        shown(
            "Before\n\n<details>\n<summary>How it works</summary>\n\nFirst **this**.\n\n- then\n- that\n\n</details>\n\nAfter\n\n\
             <details><summary>Short</summary>All on <b>one</b> line &amp; more.</details>\n\n\
             <ul>\n  <li>one</li>\n  <li>two <b>b</b></li>\n</ul>\n\n<ol><li>first</li><li>second</li></ol>\n\n\
             <p align=\"center\">centred</p>\n\n<h2>Title</h2>\n\n<blockquote>quoted</blockquote>\n\n\
             <pre>\n  kept\n    as it is\n</pre>\n\n<hr>\n\nend"
        )
    );
}

#[test]
fn spoilers_alerts_and_footnotes() {
    insta::assert_snapshot!(
        "spoilers",
        lines(
            r"The murderer is ||the gardener||!
||**bold** secret||, (||in brackets||)
if a || b || c, x||y||z, `a || b`, || spaced ||
||no end"
        )
    );
    insta::assert_snapshot!(
        "alerts",
        shown(
            "> [!NOTE]\n> Useful **information**.\n\n> [!TIP]\n> Helpful.\n\n> [!IMPORTANT]\n> Key.\n\n\
             > [!WARNING]\n> Urgent.\n\n> [!CAUTION]\n> Risky.\n\n> [!OTHER]\n> Unknown."
        )
    );
    insta::assert_snapshot!(
        "footnotes",
        shown(
            "It is so.[^1] And so.[^note] Not this.[^missing]\n\n[^1]: The first source.\n[^note]: The second, with `code`.\n\n\
             More text."
        )
    );
}

#[test]
fn emphasis_next_to_scripts_without_spaces() {
    insta::assert_snapshot!(
        "unspaced",
        lines(
            "これは**重要**です。\n**「重要」**です\nこれは**「重要」**です\n**重要！**次に\n中文**“强调”**文字\n请看*（注意）*这里\n\
             ~~「旧」~~は\n한국어**(강조)**는\n**bold** and **bold!**s stay Markdown's"
        )
    );
}

#[test]
fn names_of_files_are_no_web_addresses() {
    insta::assert_snapshot!(
        "file_names",
        lines(
            "See README.md, main.rs and foo.py.\nsrc/main.rs:12 and ./a/b_c.sh, docs\\x.md\nCargo.toml is none, index.js neither\n\
             https://a.example/README.md and www.site.rs and me@mail.md stay\n[README.md](https://a.example/README.md)\n\
             **README.md** and *main.rs*\nASP.NET and Node.js\n(CHANGELOG.md) \"main.py\" main.rs?\nIt ends.md5"
        )
    );
}

#[test]
fn tables_wider_than_a_phone_are_lists() {
    insta::assert_snapshot!(
        "wide_tables",
        shown(
            "| Name | What it does | Since | Price |\n|---|---|--:|--:|\n\
             | **Alpha** | Reads every file in the folder, main.rs too | 2019 | $5 |\n| Beta | [docs](https://b.example) | 2021 | |\n\n\
             | a | b |\n|---|---|\n| 1 | 2 |\n\n| Only a head that is much wider than any phone | and more |\n|---|---|\n"
        )
    );
}
