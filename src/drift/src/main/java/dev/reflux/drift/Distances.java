package dev.reflux.drift;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How far two distributions lie apart, and how likely chance alone brings them that far. */
public final class Distances {

    private static final double LN_2 = 0.6931471805599453;

    private Distances() {}

    /**
     * Population stability index, the symmetric Kullback-Leibler divergence {@code sum (q - p) ln(q / p)}, in nats; by custom 0.1
     * is worth a look and 0.25 a change. Siddiqi, "Credit Risk Scorecards", 2006.
     *
     * @param p positive shares that add up to 1
     * @param q as many, of the same cells
     */
    public static double populationStability(double[] p, double[] q) {
        requireSameCells(p.length, q.length);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += (q[i] - p[i]) * StrictMath.log(q[i] / p[i]);
        }
        return sum;
    }

    /**
     * Jensen-Shannon divergence {@code (KL(p || m) + KL(q || m)) / 2} with {@code m = (p + q) / 2}, in bits: 0 for equal
     * distributions, 1 for such that share no cell. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on
     * Information Theory 37, 1991.
     *
     * @param p shares that add up to 1
     * @param q as many, of the same cells
     */
    public static double jensenShannon(double[] p, double[] q) {
        requireSameCells(p.length, q.length);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            double middle = (p[i] + q[i]) / 2;
            sum += part(p[i], middle) + part(q[i], middle);
        }
        return Math.max(0, sum / 2 / LN_2);
    }

    private static double part(double share, double middle) {
        return share == 0 ? 0 : share * StrictMath.log(share / middle);
    }

    /**
     * Probability of a two-sample Kolmogorov-Smirnov statistic of at least {@code distance} between samples of one continuous
     * distribution, {@code 2 sum (-1)^(j-1) exp(-2 j^2 x^2)} with {@code x = distance (e + 0.12 + 0.11 / e)},
     * {@code e = sqrt(n m / (n + m))}. Stephens, "Use of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without
     * extensive tables", Journal of the Royal Statistical Society B 32, 1970. Too large, never too small, where values repeat.
     */
    public static double kolmogorovSmirnovProbability(double distance, long n, long m) {
        double effective = Math.sqrt((double) n * m / (n + m));
        double x = distance * (effective + 0.12 + 0.11 / effective);
        if (x < 0.2) {
            return 1;
        }
        double sum = 0;
        double sign = 1;
        for (int j = 1; j <= 100; j++) {
            double term = StrictMath.exp(-2.0 * j * j * x * x);
            sum += sign * term;
            if (term < 1e-17) {
                break;
            }
            sign = -sign;
        }
        return Math.min(1, Math.max(0, 2 * sum));
    }

    /**
     * Probability of a population stability index of at least {@code distance} between samples of one distribution: times
     * {@code n m / (n + m)} it is nearly chi-square with {@code cells - 1} degrees of freedom. Yurdakul, "Statistical Properties of
     * Population Stability Index", 2018.
     */
    public static double populationStabilityProbability(double distance, long n, long m, int cells) {
        return chiSquareProbability(distance * n * m / (n + m), cells - 1);
    }

    /**
     * Probability of a Jensen-Shannon divergence of at least {@code distance} bits between samples of one distribution: near zero
     * it is an eighth of the chi-square distance in nats, so that {@code 8 ln(2) n m / (n + m)} times it is nearly chi-square with
     * {@code cells - 1} degrees of freedom.
     */
    public static double jensenShannonProbability(double distance, long n, long m, int cells) {
        return chiSquareProbability(8 * LN_2 * distance * n * m / (n + m), cells - 1);
    }

    /** Probability that a chi-square variable is at least {@code value}; 1 without a degree of freedom. */
    public static double chiSquareProbability(double value, int degrees) {
        return degrees < 1 ? 1 : Gamma.upper(degrees / 2.0, value / 2);
    }

    /**
     * Adjusts p-values for their number by Benjamini and Hochberg, "Controlling the False Discovery Rate", Journal of the Royal
     * Statistical Society B 57, 1995: {@code p(i) n / i} of the i-th smallest, made monotonic. Of those at or below a level, the
     * expected share of false ones is at most that level; where nothing has changed, so is the chance of any at all. It holds for
     * independent tests and for such that tend to be small together, as those of related features.
     */
    public static double[] adjusted(double[] probabilities) {
        int count = probabilities.length;
        int[] order = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> probabilities[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] adjusted = new double[count];
        double least = 1;
        for (int rank = count; rank >= 1; rank--) {
            int test = order[rank - 1];
            least = Math.min(least, probabilities[test] * count / rank);
            adjusted[test] = least;
        }
        return adjusted;
    }

    /** Counts as shares with half a value added to each cell, so that none is empty. */
    static double[] shares(long[] counts) {
        double total = Arrays.stream(counts).sum() + 0.5 * counts.length;
        return Arrays.stream(counts).mapToDouble(count -> (count + 0.5) / total).toArray();
    }

    private static void requireSameCells(int p, int q) {
        if (p != q) {
            throw new IllegalArgumentException("cells: " + p + " and " + q + " found, both must have the same");
        }
    }
}
