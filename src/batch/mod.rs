//! Many files at once: tree walk, schedule, up-to-date check and atomic writes.
