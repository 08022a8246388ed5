"""How a chain's figures are made, without a database: snapshots, sums, ranks, store files."""
