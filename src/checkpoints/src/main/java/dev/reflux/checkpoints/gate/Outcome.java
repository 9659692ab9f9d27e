package dev.reflux.checkpoints.gate;

/**
 * One student's prediction of one labelled event.
 *
 * @param predicted the most probable class, from 0
 * @param logLoss negative log of the label's probability, in nats
 */
public record Outcome(int predicted, double logLoss) {}
