//! Formulas from lessons: each renders, is well formed and shows the expected text.

use super::escape;
use crate::{domain::rendering::Span, server::content::highlight::math};

/// The source, and the rendered text from left to right.
const FORMULAS: [(&str, &str); 132] = [
    // Comparisons and the characters that XML and TeX keep for themselves.
    ("x < 5", "x<5"),
    ("x<y<z", "x<y<z"),
    ("a > b", "a>b"),
    ("0 \\lt x \\gt -1", "0<x>−1"),
    ("x_{i<j}", "xi<j"),
    ("\\sum_{0<i<n} a_i", "∑0<i<nai"),
    ("\\overset{!}{<}", "<!"),
    ("\\frac{a<b}{c>d}", "a<bc>d"),
    ("\\left< x, y \\right>", "⟨x,y⟩"),
    ("\\left\\{ x < 1 \\right.", "{x<1"),
    ("\\begin{cases} -x & x < 0 \\\\ x & x \\ge 0 \\end{cases}", "{−xx<0xx≥0"),
    ("\\text{a < b & c > \"d\"}", "a < b & c > \"d\""),
    ("\\text{10 % von 5}", "10 % von 5"),
    ("\\text{if $x < 1$ then}", "if x<1 then"),
    ("\\text{50\\% \\& more\\_less}", "50% & more_less"),
    ("50% x", "50%x"),
    ("50\\% \\& 5\\$ \\#1", "50%&5$#1"),
    ("\\char60", "<"),
    ("a ~ b", "ab"),
    ("x \\not< y", "x<\u{338}y"),
    ("x \\le y \\leq z \\nless w", "x≤y≤z≮w"),
    // School.
    ("\\frac12 + \\frac{3}{4} = \\frac54", "12+34=54"),
    ("x_{1,2} = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}", "x1,2=−b±b2−4ac2a"),
    ("a^2 + b^2 = c^2", "a2+b2=c2"),
    ("\\sqrt[3]{27} = 3", "273=3"),
    ("\\sin^2\\alpha + \\cos^2\\alpha = 1", ""),
    ("\\tan 45^\\circ = 1", ""),
    ("\\angle ABC = 90^\\circ", "∠ABC=90∘"),
    ("\\overline{AB} \\parallel \\overrightarrow{CD}", "AB‾∥CD→"),
    ("\\triangle ABC \\cong \\triangle DEF", "△ABC≅△DEF"),
    ("\\log_{10} 100 = 2", ""),
    ("\\ln e = 1", ""),
    ("3 \\cdot 4 \\times 5 \\div 6", "3⋅4×5÷6"),
    ("1{,}5 \\approx \\frac32", "1,5≈32"),
    ("3.14 \\ne \\pi", "3.14≠π"),
    ("x \\in \\mathbb{R} \\setminus \\{0\\}", "x∈ℝ∖{0}"),
    ("\\R \\supset \\Q \\supset \\Z \\supset \\N", "ℝ⊃ℚ⊃ℤ⊃ℕ"),
    ("|x - 3| \\le 2", "|x−3|≤2"),
    ("\\abs{x} + \\norm{v}", "|x|+‖v‖"),
    ("f\\colon A \\to B, x \\mapsto x^2", ""),
    ("\\operatorname{ggT}(12, 18) = 6", "ggT"),
    ("n! = \\prod_{k=1}^n k", "n!=∏k=1nk"),
    ("\\binom{n}{k} = \\frac{n!}{k!(n-k)!}", "(nk)=n!k!(n−k)!"),
    ("{n \\choose k}", "(nk)"),
    ("{a \\over b + c}", "ab+c"),
    ("\\left( a \\over b \\right)^2", "(ab)2"),
    ("\\dfrac{a}{b} \\tfrac{c}{d} \\cfrac{1}{1+x}", "abcd11+x"),
    ("\\cancel{x} \\cdot \\frac{1}{\\cancel{xy}}", ""),
    ("\\underbrace{a+a+\\dots+a}_{n \\text{ times}}", ""),
    ("\\boxed{x = 42}", "x=42"),
    ("\\fbox{$E < mc^2$}", ""),
    ("x = 5 \\tag{1}", "x=5(1)"),
    ("x = 5 \\label{eq:1} \\nonumber", "x=5"),
    ("\\phantom{x} + y", "x+y"),
    // Lines.
    ("a = b \\\\ c = d", "a=bc=d"),
    ("a &= b \\\\ &< c", "a=b<c"),
    ("\\begin{align} x &< 1 \\\\ y &> 2 \\end{align}", "x<1y>2"),
    ("\\begin{align*} a &= b + c \\\\ &= d \\end{align*}", "a=b+c=d"),
    ("\\begin{aligned} a &= b \\end{aligned}", "a=b"),
    ("\\begin{eqnarray} a &=& b \\\\ c &<& d \\end{eqnarray}", "a=bc<d"),
    ("\\begin{gather*} a \\\\ b \\end{gather*}", "ab"),
    ("\\begin{equation} a \\end{equation}", "a"),
    ("\\begin{array}{c|cc} x & 0 & 1 \\\\ \\hline y & 2 & 3 \\end{array}", "x01y23"),
    ("\\begin{array}{lr} a & b \\end{array}", "ab"),
    ("\\left| \\begin{matrix} a & b \\\\ c & d \\end{matrix} \\right|", "|abcd|"),
    ("\\begin{vmatrix} a & b \\\\ c & d \\end{vmatrix} = ad - bc", "|abcd|=ad−bc"),
    ("\\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix}", "[1001]"),
    ("\\begin{pmatrix} x_1 \\\\ \\vdots \\\\ x_n \\end{pmatrix}", "(x1⋮xn)"),
    ("\\substack{i<n \\\\ j<m}", "i<nj<m"),
    // Analysis and algebra.
    ("\\lim_{x \\to 0} \\frac{\\sin x}{x} = 1", ""),
    ("\\int_0^\\infty e^{-x^2}\\,\\mathrm{d}x = \\frac{\\sqrt\\pi}{2}", ""),
    ("\\iint_D f \\, dA", ""),
    ("\\oint_{\\partial S} \\vec{E} \\cdot d\\vec{l}", ""),
    ("\\dv{f}{x} = \\pdv{u}{t}", "dfdx=∂u∂t"),
    ("\\frac{\\partial^2 u}{\\partial x^2}", ""),
    ("f'(x) = \\lim_{h\\to0} \\frac{f(x+h)-f(x)}{h}", ""),
    ("\\dot x + \\ddot y + \\dddot z", ""),
    ("\\left.\\frac{x^2}{2}\\right|_0^1", ""),
    ("\\limsup_{n\\to\\infty} a_n", ""),
    ("\\argmin_x f(x)", ""),
    ("\\operatorname*{arg\\,max}_{\\theta < 1} L", ""),
    ("\\nabla \\times \\vec{B} = \\mu_0 \\vec{j}", ""),
    ("\\grad f", "∇f"),
    ("\\mathbf{A} \\vec{x} = \\lambda \\vec{x}", ""),
    ("\\bm{v} \\in \\mathscr{L}", ""),
    ("A^{-1} = \\frac{1}{\\det A} \\operatorname{adj}(A)", ""),
    ("a \\equiv b \\pmod{n}", ""),
    ("a \\bmod b", ""),
    ("17 \\mod 5", ""),
    ("\\arsinh x + \\csch y + \\cosec z", ""),
    ("\\tg \\alpha \\cdot \\ctg \\alpha = 1", ""),
    // Logic and sets.
    ("\\forall \\varepsilon > 0 \\; \\exists \\delta > 0", "∀ε>0∃δ>0"),
    ("A \\cup B \\cap C \\subseteq D", "A∪B∩C⊆D"),
    ("\\lnot (p \\land q) \\iff \\lnot p \\lor \\lnot q", ""),
    ("p \\implies q \\therefore r", ""),
    ("\\set{x \\in \\N | x < 10}", "{x∈ℕ|x<10}"),
    ("\\bigcup_{i \\in I} A_i", ""),
    ("\\emptyset \\neq \\varnothing", "∅≠⌀"),
    ("a \\xRightarrow{\\text{def}} b", ""),
    ("A \\xrightarrow[n]{f} B", ""),
    // Chance.
    ("P(A \\mid B) = \\frac{P(B|A)P(A)}{P(B)}", ""),
    ("\\overline{x} \\pm \\sigma", ""),
    ("\\Pr(X < 3) = 0.5", ""),
    ("X \\sim \\mathcal{N}(\\mu, \\sigma^2)", ""),
    ("\\mathbb{E}[X] = \\sum_x x\\,p(x)", ""),
    // Physics.
    ("\\ket{\\psi} = \\alpha\\ket{0} + \\beta\\ket{1}", "|ψ⟩=α|0⟩+β|1⟩"),
    ("\\bra{\\phi}\\hat{H}\\ket{\\psi}", "⟨ϕ|H^|ψ⟩"),
    ("\\braket{\\phi|\\psi}", "⟨ϕ|ψ⟩"),
    ("\\ketbra{0}{1} + \\expval{H}", "|0⟩⟨1|+⟨H⟩"),
    ("E = h\\nu = \\hbar\\omega", "E=hν=ℏω"),
    ("\\SI{9.81}{\\metre\\per\\second\\squared}", "9.81ms−2"),
    ("\\SI{5}{m/s}", "5ms−1"),
    ("\\qty{1.5e3}{\\kilo\\watt\\hour}", "1.5×103kWh"),
    ("\\qty[per-mode=symbol]{3}{\\milli\\litre}", "3ml"),
    ("\\si{kg.m^2.s^{-2}}", "kgm2s−2"),
    ("\\unit{\\micro\\ohm} \\SI{20}{\\celsius}", "µΩ20°C"),
    ("\\SI{50}{\\percent} < \\num{-3e-5}", "50%<−3×10−5"),
    ("\\ang{30;15} + \\ang{5}", "30°15′+5°"),
    ("\\qtyrange{1}{5}{\\kilo\\gram}", "1–5kg"),
    ("v = 3{,}0 \\cdot 10^8 \\, \\text{m/s}", ""),
    // Chemistry.
    ("\\ce{H2O}", "H2O"),
    ("\\ce{2H2 + O2 -> 2H2O}", "2H2+O2⟶2H2O"),
    ("\\ce{SO4^2- + Ba^2+ -> BaSO4 v}", "SO42−+Ba2+⟶BaSO4↓"),
    ("\\ce{Na+}", "Na+"),
    ("\\ce{^{227}_{90}Th}", "90227Th"),
    ("\\ce{A <=>[k_1][k_2] B}", ""),
    ("\\ce{CuSO4.5H2O}", "CuSO4⋅5H2O"),
    ("\\ce{[Fe(CN)6]^{3-}}", "[Fe(CN)6]3−"),
    ("\\ce{CH2=CH2} \\ce{HC#CH}", "CH2=CH2HC≡CH"),
    ("\\ce{CaCO3 ->[\\Delta] CaO + CO2 ^}", ""),
    ("\\ce{CO2(g) <- $x$ H+(aq)}", ""),
    ("pH < 7", "pH<7"),
];

#[test]
fn common_formulas_render_well_formed() {
    for (tex, reads) in FORMULAS {
        for display in [false, true] {
            let spans = math::render(tex, display).unwrap_or_else(|| panic!("{tex} is not set"));
            let [math] = spans.as_slice() else { panic!("{tex}: {spans:?}") };
            assert!(math.kind == "math" && !math.children.is_empty(), "{tex}: {math:?}");
            let mut text = String::new();
            well_formed(math, tex, &mut text);
            let text = text.replace(['\u{a0}', '\u{2061}'], " ");
            let closely = |text: &str| text.split(' ').collect::<String>();
            assert!(
                !text.trim().is_empty() && closely(&text).contains(&closely(reads)),
                "{tex}: {text}"
            );
        }
    }
}

/// Checks the number of children of each element, and that no text contains private-use characters.
fn well_formed(span: &Span, tex: &str, text: &mut String) {
    let parts = match span.kind.as_str() {
        "mfrac" | "msup" | "msub" | "mover" | "munder" | "mroot" => Some(2),
        "msubsup" | "munderover" => Some(3),
        _ => None,
    };
    assert!(parts.is_none_or(|parts| parts == span.children.len()), "{tex}: {span:?}");
    let is_token = matches!(span.kind.as_str(), "mi" | "mn" | "mo" | "mtext");
    assert!(!is_token || (span.children.is_empty() && !span.text.is_empty()), "{tex}: {span:?}");
    assert!(is_token || span.text.is_empty(), "{tex}: {span:?}");
    assert!(
        !escape::has_private_use(&span.text)
            && !span.text.contains("&nbsp;")
            && !span.text.contains('\\'),
        "{tex}: {span:?}"
    );
    text.push_str(&span.text);
    for part in &span.children {
        well_formed(part, tex, text);
    }
}

#[test]
fn private_use_characters_are_rejected() {
    assert!(math::render("\u{e000}script\u{e001}", false).is_none());
}

#[test]
fn macro_expansion_is_bounded() {
    for tex in [
        "\\ket{".repeat(300),
        "\\boxed{".repeat(60) + "x" + &"}".repeat(60),
        "\\ce{".repeat(40) + &"}".repeat(40),
        "\\ket{a}".repeat(400),
    ] {
        assert!(math::render(&tex, false).is_none(), "{tex:.40}");
    }
    let commands = [
        "\\ket",
        "\\braket{",
        "\\ce{",
        "\\ce{->[",
        "\\SI{1}",
        "\\si{",
        "\\num{e",
        "\\dv",
        "\\boxed",
        "\\over",
        "\\text{$",
        "\\text{\\ce",
        "\\left<",
        "\\tag",
        "\\ang{;",
        "\\begin{eqnarray}",
        "\\qty[",
        "\\ce{^",
        "\\ce{1/",
        "\\si{^",
        "\\si{\\per",
        "字\\ce{字1",
        "\\ce{v",
        "\\num{1e",
        "\\si{°",
    ];
    for command in commands {
        for times in [1, 2, 30, 180] {
            for end in ["", "x", "}", "}}{x}", "$}"] {
                let _ = math::render(&(command.repeat(times) + end), true);
            }
        }
    }
}
