package dev.reflux.drift;

/** Ways to hold the distribution of a window against that of a reference. */
public enum Measure {
    /** {@link Distances#populationStability} over the deciles of the reference, or over codes. */
    PSI("psi", 0.1, 0.25) {
        @Override
        Distance compare(Distribution reference, Distribution current) {
            return ofCells(
                    reference, current, Distances::populationStability, Distances::populationStabilityProbability);
        }
    },
    /** {@link QuantileSketch.Ranks#distance}; of numbers, without the missing ones. */
    KOLMOGOROV_SMIRNOV("kolmogorov-smirnov", 0.1, 0.2) {
        @Override
        Distance compare(Distribution reference, Distribution current) {
            NumericDistribution before = Distribution.sameKind(NumericDistribution.class, reference);
            NumericDistribution now = Distribution.sameKind(NumericDistribution.class, current);
            if (before.present() == 0 || now.present() == 0) {
                return UNTESTED;
            }
            double distance = before.ranks().distance(now.ranks());
            return new Distance(
                    distance, Distances.kolmogorovSmirnovProbability(distance, before.present(), now.present()));
        }
    },
    /** {@link Distances#jensenShannon} over the deciles of the reference, or over codes. */
    JENSEN_SHANNON("jensen-shannon", 0.02, 0.05) {
        @Override
        Distance compare(Distribution reference, Distribution current) {
            return ofCells(reference, current, Distances::jensenShannon, Distances::jensenShannonProbability);
        }
    },
    /** How much the expected calibration error has grown. */
    CALIBRATION("calibration", 0.05, 0.1) {
        @Override
        Distance compare(Distribution reference, Distribution current) {
            CalibrationDistribution before = Distribution.sameKind(CalibrationDistribution.class, reference);
            CalibrationDistribution now = Distribution.sameKind(CalibrationDistribution.class, current);
            return new Distance(now.estimate() - before.estimate(), before.probability(now));
        }
    },
    /** The squared maximum mean discrepancy of vectors, in [0, 2] up to chance. */
    MMD("mmd", 0.02, 0.05) {
        @Override
        Distance compare(Distribution reference, Distribution current) {
            return Distribution.sameKind(EmbeddingDistribution.class, reference)
                    .distance(Distribution.sameKind(EmbeddingDistribution.class, current));
        }
    };

    private static final Distance UNTESTED = new Distance(Double.NaN, Double.NaN);

    private final String wireName;
    private final double warning;
    private final double drift;

    Measure(String wireName, double warning, double drift) {
        this.wireName = wireName;
        this.warning = warning;
        this.drift = drift;
    }

    /** Its name in pipeline files and records. */
    public String wireName() {
        return wireName;
    }

    /** From this distance on it is worth a look, unless chosen otherwise. */
    public double defaultWarning() {
        return warning;
    }

    /** From this distance on it is a change, unless chosen otherwise. */
    public double defaultDrift() {
        return drift;
    }

    /** Whether it is made for distributions of the kind. */
    public boolean suits(Distribution distribution) {
        return switch (this) {
            case PSI, JENSEN_SHANNON ->
                distribution instanceof NumericDistribution || distribution instanceof CategoryDistribution;
            case KOLMOGOROV_SMIRNOV -> distribution instanceof NumericDistribution;
            case CALIBRATION -> distribution instanceof CalibrationDistribution;
            case MMD -> distribution instanceof EmbeddingDistribution;
        };
    }

    /** @throws IllegalArgumentException when the distributions are of kinds that it is not made for */
    abstract Distance compare(Distribution reference, Distribution current);

    @FunctionalInterface
    private interface OfShares {
        double between(double[] reference, double[] current);
    }

    @FunctionalInterface
    private interface Probability {
        double of(double distance, long reference, long current, int cells);
    }

    private static Distance ofCells(
            Distribution reference, Distribution current, OfShares distance, Probability probability) {
        long[][] cells = reference instanceof NumericDistribution numbers
                ? numbers.cells(Distribution.sameKind(NumericDistribution.class, current))
                : Distribution.sameKind(CategoryDistribution.class, reference)
                        .cells(Distribution.sameKind(CategoryDistribution.class, current));
        double value = distance.between(Distances.shares(cells[0]), Distances.shares(cells[1]));
        return new Distance(value, probability.of(value, reference.count(), current.count(), cells[0].length));
    }
}
