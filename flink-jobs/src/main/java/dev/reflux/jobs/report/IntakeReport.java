package dev.reflux.jobs.report;

/**
 * What became of the events.
 *
 * @param events events read
 * @param trained events that were learned from or distilled on
 * @param deadLetters events that could not be used
 * @param batches micro-batches they made
 */
public record IntakeReport(long events, long trained, long deadLetters, long batches) {}
