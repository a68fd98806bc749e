//! The same work on many things at once.

use std::sync::Mutex;

/// Applies `work` to every item, up to `workers` at a time; the results are in the items' order. Where there are no more
/// threads to be had, fewer do it.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let helpers = workers.min(items.len()).saturating_sub(1);
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().map_or(None, |mut queue| queue.next());
    let take =
        || -> Vec<(usize, R)> { std::iter::from_fn(|| next().map(|(index, item)| (index, work(item)))).collect() };
    let mut done = std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, take).ok();
        let helpers: Vec<_> = (0..helpers).map_while(spawn).collect();
        let mut done = take();
        done.extend(helpers.into_iter().filter_map(|helper| helper.join().ok()).flatten());
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many to do at a time of what keeps a processor busy.
#[must_use]
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_items() {
        assert_eq!(map((0..1000).collect(), 7, |n| n * 2), (0..1000).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(map(Vec::<u8>::new(), 7, |n| n), Vec::<u8>::new());
    }
}
