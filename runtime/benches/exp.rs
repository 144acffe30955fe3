#![allow(warnings, missing_docs, unreachable_pub)]
#[path = "exp_bare.rs"]
mod bare;
use std::time::Instant;
fn main() {
    let b = bare::Bare::new("CORP_KEY", "sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef")
        .unwrap();
    let rt = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let n: usize = std::env::args().nth(1).and_then(|x| x.parse().ok()).unwrap_or(0);
    if n > 0 {
        for _ in 0..n {
            rt.block_on(b.resolve()).unwrap();
        }
        return;
    }
    let mut t = |name: &str, f: &mut dyn FnMut()| {
        let mut best = f64::MAX;
        let mut all = vec![];
        for _ in 0..200 {
            let s = Instant::now();
            for _ in 0..100 {
                f();
            }
            let x = s.elapsed().as_secs_f64() * 1e6 / 100.0;
            all.push(x);
        }
        all.sort_by(f64::total_cmp);
        println!("{name}: min {:.2} p10 {:.2} median {:.2} us", all[0], all[20], all[100]);
    };
    t("store", &mut || b.only_store());
    t("instantiate", &mut || rt.block_on(b.only_instantiate()).unwrap());
    t("resolve", &mut || {
        rt.block_on(b.resolve()).unwrap();
    });
}
