package dev.weir.lineage;

/**
 * A fact and the version of the event table that made it durable.
 *
 * @param version the commit that holds it
 */
record CommittedFact(long version, Fact fact) {}
