package dev.reflux.jobs.report;

import org.jspecify.annotations.Nullable;

/**
 * Accuracy in one window of the stream.
 *
 * @param events events since the start, at the window's end
 * @param labelled events in the window whose label is known
 * @param accuracy on those; null when there are none
 */
public record CurvePoint(
        long events, long labelled, @Nullable Double accuracy) {}
