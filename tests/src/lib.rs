//! From outside: real server process, real clients, real data, faults.
