package dev.reflux.jobs.report;

import org.jspecify.annotations.Nullable;

/**
 * Accuracy in one window of the stream.
 *
 * @param events events since the start, at the window's end
 * @param accuracy null when no event in the window had a label
 */
public record CurvePoint(long events, @Nullable Double accuracy) {}
