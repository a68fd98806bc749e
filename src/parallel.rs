//! The same work on many things at once.

use std::sync::Mutex;

/// Applies `work` to every item, up to `workers` at a time; the results are in the items' order.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(items.len());
    if workers <= 1 {
        return items.into_iter().map(work).collect();
    }
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().map_or(None, |mut queue| queue.next());
    let take =
        || -> Vec<(usize, R)> { std::iter::from_fn(|| next().map(|(index, item)| (index, work(item)))).collect() };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(take)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many s6 programs to run at a time: as many as there are processors.
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
