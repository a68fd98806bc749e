//! The boot times as a picture: both axes logarithmic.

use std::fmt::Write;

use super::boot::Boot;
use super::tools::Sample;

const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 320.0;

/// A line's name, its colour, and the sample that it shows of a boot.
type Line = (&'static str, &'static str, fn(&Boot) -> Option<Sample>);

pub(crate) fn svg(boots: &[Boot]) -> String {
    let mut text = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 420\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"660\" height=\"420\" fill=\"white\"/>\n\
         <text x=\"70\" y=\"22\" font-size=\"15\">Boot reconciliation: wall time by number of profiles</text>\n",
    );
    for (label, millis) in
        [("1 ms", 1.0), ("10 ms", 10.0), ("100 ms", 100.0), ("1 s", 1e3), ("10 s", 1e4), ("100 s", 1e5)]
    {
        let y = y(millis);
        let _ = writeln!(text, "<path d=\"M{LEFT} {y:.1}h{WIDTH}\" stroke=\"#ddd\"/>");
        let _ = writeln!(text, "<text x=\"62\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", y + 4.0);
    }
    for boot in boots {
        let x = x(boot.profiles);
        let _ = writeln!(text, "<text x=\"{x:.1}\" y=\"380\" text-anchor=\"middle\">{}</text>", boot.profiles);
    }
    let lines: [Line; 4] = [
        ("hermes-agent", "#c0392b", |boot| boot.hermes),
        ("hermes-s6gen", "#1f6fb2", |boot| Some(boot.ours)),
        ("bare system calls", "#777777", |boot| Some(boot.bare)),
        ("hermes-s6gen, nothing to do", "#2e8b57", |boot| Some(boot.again)),
    ];
    for (index, (name, colour, sample)) in lines.into_iter().enumerate() {
        let points: Vec<String> = boots
            .iter()
            .filter_map(|boot| {
                let wall = sample(boot)?.wall.as_secs_f64() * 1000.0;
                Some(format!("{:.1},{:.1}", x(boot.profiles), y(wall)))
            })
            .collect();
        let points = points.join(" ");
        let _ = writeln!(text, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
        let below = f64::from(u32::try_from(index).unwrap_or_default());
        let _ = writeln!(
            text,
            "<text x=\"90\" y=\"{}\" fill=\"{colour}\">{name}</text>",
            18.0f64.mul_add(below, TOP + 20.0)
        );
    }
    text + "<text x=\"350\" y=\"402\" text-anchor=\"middle\">profiles</text>\n</svg>\n"
}

fn x(profiles: usize) -> f64 {
    let profiles = f64::from(u32::try_from(profiles).unwrap_or(u32::MAX));
    LEFT + 10.0 + (WIDTH - 30.0) * profiles.log10() / 2000f64.log10()
}

/// From 1 ms to 100 s.
fn y(millis: f64) -> f64 {
    TOP + HEIGHT - HEIGHT * millis.max(1.0).log10() / 5.0
}
