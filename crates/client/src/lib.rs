//! The SDK: build, sign, submit, retry, verify receipts.
