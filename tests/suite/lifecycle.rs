//! Start, stop, restart and status.
