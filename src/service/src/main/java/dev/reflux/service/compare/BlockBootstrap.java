package dev.reflux.service.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How sure a difference of two accuracies is that were measured on the same stream.
 *
 * <p>Both students answer the same events, so the differences of one window after the other are resampled, not the
 * accuracies: what makes a window hard is the same for both. Windows that follow each other are alike (drift, seasons,
 * autocorrelated labels), so they are drawn in blocks of neighbours, from a stream bent into a circle so that each window
 * is drawn as often as any other: the circular block bootstrap. A block has {@code ceil(n^(1/3))} of the {@code n} windows,
 * the order of growth that is optimal for the variance. The statistic is the sum of the differences over the sum of the
 * labels; the interval is that of the percentiles.
 *
 * <p>Papers: Künsch, The jackknife and the bootstrap for general stationary observations, Annals of Statistics 17 (1989);
 * Politis and Romano, A circular block-resampling procedure for stationary data, in Exploring the Limits of Bootstrap
 * (1992); Hall, Horowitz and Jing, On blocking rules for the bootstrap with dependent data, Biometrika 82 (1995).
 *
 * <p>Not for: fewer than {@value #LEAST_WINDOWS} windows, where a block is a large part of the whole and every interval
 * would look too sure. Dependence over more than a block, such as a change that comes once, is not seen either: the
 * interval speaks of streams like this one, not of this stream with another ending.
 */
public final class BlockBootstrap {
    /** Fewest windows with labels that an interval is given for. */
    public static final int LEAST_WINDOWS = 10;
    /** Probability that the interval means to cover. */
    public static final double LEVEL = 0.95;
    /** Times that the stream is resampled; with 1 added, a multiple of 40, so that the percentiles are order statistics. */
    public static final int RESAMPLES = 9_999;

    private final long seed;

    public BlockBootstrap(long seed) {
        this.seed = seed;
    }

    /**
     * Right answers in one window of the stream.
     *
     * @param labelled events whose label is known
     * @param control right answers of the one that is compared to
     * @param variant right answers of the one that is compared
     */
    public record Window(long labelled, long control, long variant) {
        public Window {
            if (Math.min(control, variant) < 0 || Math.max(control, variant) > labelled) {
                throw new IllegalArgumentException("right answers: " + control + " and " + variant
                        + " found, must be between 0 and the " + labelled + " labels of the window");
            }
        }
    }

    /**
     * An interval that covers the true difference with probability {@link #LEVEL}.
     *
     * @param low as a share of 1, in [-1, 1]
     * @param high as a share of 1, in [-1, 1]
     */
    public record Interval(double low, double high) {}

    /** Windows of a block, for so many windows with labels. */
    public static int blockLength(int windows) {
        int length = 1;
        while ((long) length * length * length < windows) {
            length++;
        }
        return length;
    }

    /** Accuracy of the variant minus that of the control; NaN when nothing has a label. */
    public static double difference(List<Window> windows) {
        long labelled = windows.stream().mapToLong(Window::labelled).sum();
        long more = windows.stream()
                .mapToLong(window -> window.variant() - window.control())
                .sum();
        return labelled == 0 ? Double.NaN : (double) more / labelled;
    }

    /**
     * The interval of {@link #difference}; empty when fewer than {@value #LEAST_WINDOWS} windows have labels.
     *
     * @param windows in the order of the stream
     */
    public Optional<Interval> interval(List<Window> windows) {
        List<Window> known = new ArrayList<>(windows);
        known.removeIf(window -> window.labelled() == 0);
        int n = known.size();
        if (n < LEAST_WINDOWS) {
            return Optional.empty();
        }
        int block = blockLength(n);
        SplittableRandom random = new SplittableRandom(seed);
        double[] differences = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            differences[i] = resampled(known, block, random);
        }
        Arrays.sort(differences);
        int tail = (int) Math.round((RESAMPLES + 1) * (1 - LEVEL) / 2);
        return Optional.of(new Interval(differences[tail - 1], differences[RESAMPLES - tail]));
    }

    private static double resampled(List<Window> windows, int block, SplittableRandom random) {
        int n = windows.size();
        long labelled = 0;
        long more = 0;
        for (int drawn = 0; drawn < n; ) {
            int start = random.nextInt(n);
            for (int i = 0; i < block && drawn < n; i++, drawn++) {
                Window window = windows.get((start + i) % n);
                labelled += window.labelled();
                more += window.variant() - window.control();
            }
        }
        return (double) more / labelled;
    }
}
