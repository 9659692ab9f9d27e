package dev.reflux.drift;

/**
 * How far two distributions lie apart.
 *
 * @param value the distance itself, the size of the effect
 * @param probability of one at least as large between two samples of one distribution, the p-value; NaN where it was not tested
 */
public record Distance(double value, double probability) {}
