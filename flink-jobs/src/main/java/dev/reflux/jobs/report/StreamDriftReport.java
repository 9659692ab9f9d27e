package dev.reflux.jobs.report;

/** What was found in the events themselves. */
public record StreamDriftReport(long driftAlarms) {}
