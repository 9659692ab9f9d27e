package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import moa.classifiers.core.driftdetection.ADWIN;
import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import moa.classifiers.core.driftdetection.AbstractChangeDetector;
import moa.classifiers.core.driftdetection.DDM;
import moa.classifiers.core.driftdetection.EDDM;
import moa.classifiers.core.driftdetection.HDDM_A_Test;
import moa.classifiers.core.driftdetection.HDDM_W_Test;
import moa.classifiers.core.driftdetection.PageHinkleyDM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our detectors signal at the values at which MOA's do. MOA is GPL: it is on no class path but the tests'. */
class MoaOracleTest {

    private static final int VALUES = 120_000;
    private static final long[] SEEDS = {7, 11, 1234567};

    /** A detector of ours and the one of MOA that has the same options. */
    private enum Pair {
        ADWIN(Adwin::new, ADWINChangeDetector::new, false),
        DDM_(Ddm::new, DDM::new, true),
        DDM_LATER_AND_STRICTER(
                () -> new Ddm(200, 2.5, 3.5),
                () -> {
                    DDM moa = new DDM();
                    moa.minNumInstancesOption.setValue(200);
                    moa.warningLevelOption.setValue(2.5);
                    moa.outcontrolLevelOption.setValue(3.5);
                    return moa;
                },
                true),
        EDDM_(Eddm::new, EDDM::new, true),
        HDDM_A(HddmA::new, HDDM_A_Test::new, true),
        HDDM_A_ONE_SIDED(
                () -> new HddmA(1e-4, 1e-2, Sides.ONE_SIDED),
                () -> {
                    HDDM_A_Test moa = new HDDM_A_Test();
                    moa.driftConfidenceOption.setValue(1e-4);
                    moa.warningConfidenceOption.setValue(1e-2);
                    moa.oneSidedTestOption.setChosenIndex(0);
                    return moa;
                },
                true),
        HDDM_W(HddmW::new, Pair::hddmW, true),
        HDDM_W_TWO_SIDED_AND_SLOW(
                () -> new HddmW(0.01, 0.05, 0.01, Sides.RESET_ON_FALL),
                () -> {
                    HDDM_W_Test moa = hddmW();
                    moa.driftConfidenceOption.setValue(0.01);
                    moa.warningConfidenceOption.setValue(0.05);
                    moa.lambdaOption.setValue(0.01);
                    moa.oneSidedTestOption.setChosenIndex(1);
                    moa.resetLearning();
                    return moa;
                },
                true),
        /** MOA's count is one ahead, its sum is held against zero, and it never warns. */
        PAGE_HINKLEY(
                () -> new PageHinkley(29, 0.005, 50, 50, 1 - 0.0001, PageHinkley.Baseline.ZERO, Sides.ONE_SIDED),
                PageHinkleyDM::new,
                true),
        PAGE_HINKLEY_QUICK(
                () -> new PageHinkley(99, 0.05, 10, 10, 0.999, PageHinkley.Baseline.ZERO, Sides.ONE_SIDED),
                () -> {
                    PageHinkleyDM moa = new PageHinkleyDM();
                    moa.minNumInstancesOption.setValue(100);
                    moa.deltaOption.setValue(0.05);
                    moa.lambdaOption.setValue(10);
                    moa.alphaOption.setValue(0.999);
                    return moa;
                },
                true);

        final Supplier<DriftDetector> ours;
        final Supplier<AbstractChangeDetector> moas;
        final boolean moaWarns;

        Pair(Supplier<DriftDetector> ours, Supplier<AbstractChangeDetector> moas, boolean moaWarns) {
            this.ours = ours;
            this.moas = moas;
            this.moaWarns = moaWarns;
        }

        /** Its samples are static, so that a new one must clear what the last one left. */
        private static HDDM_W_Test hddmW() {
            HDDM_W_Test moa = new HDDM_W_Test();
            moa.resetLearning();
            return moa;
        }

        boolean takes(Streams stream) {
            return switch (this) {
                case ADWIN, PAGE_HINKLEY, PAGE_HINKLEY_QUICK -> true;
                case EDDM_ -> stream.isBinary();
                default -> stream.isUnit();
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void add_sameOptions_signalsWhereMoaDoes(Pair pair) {
        int alarms = 0;
        for (Streams stream : Streams.values()) {
            if (!pair.takes(stream)) {
                continue;
            }
            for (long seed : SEEDS) {
                alarms += compare(pair, stream, seed);
            }
        }
        assertThat(alarms).isGreaterThan(10);
    }

    private static int compare(Pair pair, Streams stream, long seed) {
        DriftDetector ours = pair.ours.get();
        AbstractChangeDetector moa = pair.moas.get();
        List<String> found = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        double[] values = stream.values(VALUES, seed);
        int alarms = 0;
        for (int i = 0; i < values.length; i++) {
            DriftLevel level = ours.add(values[i]);
            moa.input(values[i]);
            if (level == DriftLevel.DRIFT || (pair.moaWarns && level == DriftLevel.WARNING)) {
                found.add(i + " " + level);
            }
            if (moa.getChange()) {
                expected.add(i + " DRIFT");
                alarms++;
            } else if (pair.moaWarns && moa.getWarningZone()) {
                expected.add(i + " WARNING");
            }
        }
        assertThat(found).as("%s on %s, seed %d", pair, stream, seed).isEqualTo(expected);
        return alarms;
    }

    @ParameterizedTest
    @EnumSource
    void adwin_bothDirections_hasMoasAlarmsWidthsAndEstimates(Streams stream) {
        for (double delta : new double[] {0.002, 0.05, 1e-5}) {
            ADWIN moa = new ADWIN(delta);
            Adwin ours = new Adwin(delta, Adwin.Direction.BOTH);
            double[] values = stream.values(VALUES, 7);
            List<Integer> expected = new ArrayList<>();
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                if (moa.setInput(values[i])) {
                    expected.add(i);
                }
                if (ours.add(values[i]) == DriftLevel.DRIFT) {
                    found.add(i);
                }
                assertThat(ours.width()).isEqualTo(moa.getWidth());
                assertThat(ours.estimate()).isEqualTo(moa.getEstimation());
            }
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void studd_disagreements_signalsWhereAdwinDoes() {
        double[] values = Streams.ABRUPT_ERRORS.values(VALUES, 7);
        assertThat(Detectors.alarms(new Studd(), values))
                .isEqualTo(Detectors.alarms(new Adwin(), values))
                .hasSizeGreaterThan(9);
    }

    /** Two of MOA's HDDM-W in one JVM disturb each other, which is why the comparison runs one after the other. */
    @Test
    void hddmW_twoInOneJvm_areIndependentHereAndNotInMoa() {
        double[] values = Streams.ABRUPT_ERRORS.values(20_000, 7);
        HddmW first = new HddmW();
        HddmW second = new HddmW();
        AbstractChangeDetector moa = Pair.hddmW();
        AbstractChangeDetector moasOther = new HDDM_W_Test();
        List<Integer> alone = Detectors.alarms(new HddmW(), values);
        List<Integer> beside = IntStream.range(0, values.length)
                .filter(i -> {
                    second.add(1 - values[i]);
                    return first.add(values[i]) == DriftLevel.DRIFT;
                })
                .boxed()
                .toList();
        List<Integer> moasBeside = IntStream.range(0, values.length)
                .filter(i -> {
                    moasOther.input(1 - values[i]);
                    moa.input(values[i]);
                    return moa.getChange();
                })
                .boxed()
                .toList();
        assertThat(beside).isEqualTo(alone);
        assertThat(moasBeside).isNotEqualTo(alone);
    }
}
