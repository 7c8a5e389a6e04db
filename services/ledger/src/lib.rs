//! LedgerService over gRPC.
