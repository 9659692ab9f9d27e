package dev.reflux.jobs.pipeline;

/**
 * How many events of a micro-batch are predicted and learned together, in stream order: {@code event}, a number, or
 * {@code batch} for all of them.
 *
 * @param limit most events of one step; {@link Integer#MAX_VALUE} is the whole batch
 */
public record BatchStep(int limit) {

    public static final BatchStep EVENT = new BatchStep(1);
    public static final BatchStep BATCH = new BatchStep(Integer.MAX_VALUE);

    public BatchStep {
        if (limit < 1) {
            throw new IllegalArgumentException(
                    limit + " found, must be event, batch, or a number of events of at least 1");
        }
    }

    public static BatchStep parse(String text) {
        if (text.equals("event")) {
            return EVENT;
        }
        if (text.equals("batch")) {
            return BATCH;
        }
        try {
            return new BatchStep(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' found, must be event, batch, or a number of events of at least 1", e);
        }
    }

    /** Events of one step in a batch of this many. */
    public int rows(int batchSize) {
        return Math.min(limit, batchSize);
    }

    @Override
    public String toString() {
        return limit == 1 ? "event" : limit == Integer.MAX_VALUE ? "batch" : Integer.toString(limit);
    }
}
