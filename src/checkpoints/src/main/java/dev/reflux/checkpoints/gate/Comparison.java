package dev.reflux.checkpoints.gate;

/**
 * A student and the published one on the same labelled events, which neither had learned when it predicted them.
 *
 * @param events compared
 * @param accuracy of the student, 0..1; NaN without events
 * @param kappa of the student: its accuracy against that of guessing by the class frequencies, at most 1; NaN without
 *     events
 * @param publishedAccuracy of the published student, 0..1; NaN without events
 * @param onlyStudentRight events that the student alone got right
 * @param onlyPublishedRight events that the published student alone got right
 * @param logLoss of the student, in nats; NaN without events
 * @param publishedLogLoss of the published student, in nats; NaN without events
 * @param chanceLogLoss of always giving the labels' shares among these events: their entropy, in nats; NaN without events
 */
public record Comparison(
        long events,
        double accuracy,
        double kappa,
        double publishedAccuracy,
        long onlyStudentRight,
        long onlyPublishedRight,
        double logLoss,
        double publishedLogLoss,
        double chanceLogLoss) {

    /** No event was compared. */
    public static final Comparison NONE =
            new Comparison(0, Double.NaN, Double.NaN, Double.NaN, 0, 0, Double.NaN, Double.NaN, Double.NaN);

    /**
     * McNemar's statistic with its sign (McNemar 1947): of the events that just one of the two got right, how far the
     * student's share is from one half, in standard deviations. Positive when the student is the better one.
     */
    public double advantage() {
        long disagreed = onlyStudentRight + onlyPublishedRight;
        return disagreed == 0 ? 0 : (onlyStudentRight - onlyPublishedRight) / Math.sqrt(disagreed);
    }
}
