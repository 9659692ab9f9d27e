package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reflux.distillation.reaction.ReactionSpec;
import dev.reflux.drift.Adwin.Direction;
import dev.reflux.drift.Measure;
import dev.reflux.drift.PageHinkley.Baseline;
import dev.reflux.drift.Sides;
import dev.reflux.jobs.pipeline.DetectorSettings.Signal;
import dev.reflux.jobs.pipeline.DistanceSettings.Subject;
import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftSettingsTest {

    private static final String SMALL = """
            pipeline: small
            events:
              label: {classes: [no, yes]}
              features:
                - {name: x, type: numeric}
                - {name: zone, type: category, size: 3}
                - {name: image, type: tensor, shape: [2, 2]}
                - {name: note, type: text}
            drift: %s
            """;

    private static DriftSettings read(String drift) {
        return PipelineReader.read(SMALL.formatted(drift)).drift();
    }

    @Test
    void detectors_nothingButTheirType_haveThePublishedDefaults() {
        DriftSettings drift =
                read("{detectors: [{type: adwin}, {type: ddm}, {type: eddm}, {type: hddm-a}, {type: hddm-w},"
                        + " {type: kswin}, {type: page-hinkley}, {type: studd}]}");
        assertThat(drift.detectors())
                .containsExactly(
                        new DetectorSettings.Adwin(Signal.STUDENT_ERROR, null, 0.002, Direction.INCREASE, 32),
                        new DetectorSettings.Ddm(Signal.STUDENT_ERROR, null, 30, 2, 3),
                        new DetectorSettings.Eddm(Signal.STUDENT_ERROR, null, 30, 30, 0.95, 0.9),
                        new DetectorSettings.HddmA(Signal.STUDENT_ERROR, null, 0.001, 0.005, Sides.RESET_ON_FALL),
                        new DetectorSettings.HddmW(Signal.STUDENT_ERROR, null, 0.001, 0.005, 0.05, Sides.ONE_SIDED),
                        new DetectorSettings.Kswin(Signal.STUDENT_UNCERTAINTY, null, 0.005, 100, 30),
                        new DetectorSettings.PageHinkley(
                                Signal.STUDENT_ERROR,
                                null,
                                30,
                                0.005,
                                50,
                                null,
                                0.9999,
                                Baseline.MINIMUM,
                                Sides.ONE_SIDED),
                        new DetectorSettings.Studd(0.002, Direction.INCREASE));
        assertThat(drift.detectors().get(7).on()).isEqualTo(Signal.DISAGREEMENT);
        assertThat(((DetectorSettings.PageHinkley) drift.detectors().get(6)).warningOrHalf())
                .isEqualTo(25);
    }

    @Test
    void distances_nothingButTheirType_haveTheMeasuresDefaults() {
        DriftSettings drift =
                read("{distances: [{type: psi}, {type: jensen-shannon, on: label}, {type: kolmogorov-smirnov},"
                        + " {type: calibration}, {type: mmd}]}");
        assertThat(drift.distances())
                .extracting(DistanceSettings::measure)
                .containsExactly(
                        Measure.PSI,
                        Measure.JENSEN_SHANNON,
                        Measure.KOLMOGOROV_SMIRNOV,
                        Measure.CALIBRATION,
                        Measure.MMD);
        assertThat(drift.distances()).allSatisfy(distance -> {
            assertThat(distance.warning()).isEqualTo(distance.measure().defaultWarning());
            assertThat(distance.drift()).isEqualTo(distance.measure().defaultDrift());
            assertThat(distance.features()).isEmpty();
        });
        assertThat(drift.distances())
                .extracting(DistanceSettings::on)
                .containsExactly(
                        Subject.FEATURES,
                        Subject.LABEL,
                        Subject.FEATURES,
                        Subject.STUDENT_CONFIDENCE,
                        Subject.FEATURES);
        assertThat(drift.watchesStream()).isTrue();
        assertThat(read("{distances: [{type: calibration}]}").watchesStream()).isFalse();
        assertThat(read("{}").distances()).isEqualTo(List.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "detectors: [{type: ddm, warning: 4}] | drift.detectors[0].warning: 4 found, must be at most drift, 3",
                "detectors: [{type: eddm, drift: 0.99}] | drift.detectors[0].drift: 0.99 found, must be at most warning, 0.95",
                "detectors: [{type: eddm, on: student-uncertainty}] | drift.detectors[0].on: student-uncertainty found, but eddm is for right or wrong: choose an error or disagreement, or another detector",
                "detectors: [{type: hddm-a, on: student-loss}] | drift.detectors[0].on: student-loss found, which has no bound; hddm-a is for values in [0, 1]: choose another signal, or page-hinkley or kswin",
                "detectors: [{type: kswin, window: 50}] | drift.detectors[0].window: 50 found, must be in [2 * recent, 1048576], recent is 30",
                "detectors: [{type: page-hinkley, warning: 60}] | drift.detectors[0].warning: 60 found, must be at most lambda, 50",
                "detectors: [{type: ddm, on: feature}] | drift.detectors[0].feature: missing; name the numeric feature that is watched",
                "detectors: [{type: ddm, feature: x}] | drift.detectors[0].feature: 'x' found beside on: student-error; leave one of them out",
                "detectors: [{type: ddm, on: feature, feature: zone}] | drift.detectors[0].feature: 'zone' found, the events have the numeric features [x]",
                "detectors: [{type: adwim}] | drift.detectors[0].type: 'adwim' found, must be one of adwin, ddm, eddm, hddm-a, hddm-w, kswin, page-hinkley, studd; did you mean adwin?",
                "distances: [{type: psi, on: student-output}] | drift.distances[0].on: student-output found, which psi is not made for; it must be one of [features, label, student-prediction, teacher-prediction, student-confidence, teacher-confidence]",
                "distances: [{type: psi, on: label, features: [x]}] | drift.distances[0].features: [x] found beside on: label; leave one of them out",
                "distances: [{type: psi, features: [note]}] | drift.distances[0].features: 'note' found, psi is made for numeric or category features, of which the events have [x, zone]",
                "distances: [{type: mmd, features: [x]}] | drift.distances[0].features: 'x' found, mmd is made for tensor features, of which the events have [image]",
                "distances: [{type: psi, warning: 0.3}] | drift.distances[0].warning: 0.3 found, must be at most drift, 0.25",
                "reaction: {learningRate: 0} | drift.reaction.learningRate: 0 found, must be in (0, 100]",
                "reaction: {keepReplay: 1.5} | drift.reaction.keepReplay: 1.5 found, must be in [0, 1]",
                "reaction: {alternative: cold} | drift.reaction.alternative: 'cold' found, must be one of none, fresh, warm",
                "windows: {alpha: 1} | drift.windows.alpha: 1 found, must be in (0, 1)",
            })
    void read_brokenRule_namesOptionValueAndRule(String drift, String problem) {
        InvalidOptionsException e = catchThrowableOfType(InvalidOptionsException.class, () -> read("{" + drift + "}"));
        assertThat(e).isNotNull();
        assertThat(e.problems())
                .singleElement()
                .satisfies(
                        found -> assertThat(found.path() + ": " + found.rule()).isEqualTo(problem));
    }

    @Test
    void reaction_inFull_isWhatTheLearnersAreTold() {
        ReactionSettings reaction = read("{reaction: {learningRate: 3, batches: 10, keepReplay: 0.5, alternative: warm,"
                        + " alternativeLearningRate: 4, trial: 30, publishAfter: 8}}")
                .reaction();
        assertThat(PipelineSpecs.reaction(reaction))
                .isEqualTo(new ReactionSpec(3, 10, 0.5, ReactionSpec.Alternative.WARM, 4, 30));
        assertThat(reaction.publishAfter()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "distillation: {scheme: self} | distillation.scheme is self, so no teacher learns here; set it to none",
                "{distillation: {scheme: offline}, teacher: {load: t}} | distillation.scheme is offline, so no teacher learns here; set it to none",
                "feedback: {policy: meta} | feedback.policy is meta, whose feedback is on what the first teacher taught; set one of the two to none",
            })
    void alternative_whereNoneCanLearn_isRefused(String others, String rule) {
        String inner = others.startsWith("{") ? others.substring(1, others.length() - 1) : others;
        String yaml = "{pipeline: small, events: {label: {classes: [no, yes]}, features: [{name: x, type: numeric}]},"
                + " drift: {reaction: {alternative: fresh}}, " + inner + "}";
        InvalidOptionsException e =
                catchThrowableOfType(InvalidOptionsException.class, () -> PipelineReader.read(yaml));
        assertThat(e).isNotNull();
        assertThat(e.problems()).singleElement().satisfies(found -> {
            assertThat(found.path()).isEqualTo("drift.reaction.alternative");
            assertThat(found.rule()).isEqualTo("fresh found, but " + rule);
        });
    }

    @Test
    void read_measureWithoutAFeatureForIt_isRefused() {
        InvalidOptionsException e = catchThrowableOfType(InvalidOptionsException.class, () -> PipelineReader.read("""
                pipeline: small
                events:
                  label: {classes: [no, yes]}
                  features: [{name: x, type: numeric}]
                drift: {distances: [{type: mmd}]}
                """));
        assertThat(e).isNotNull();
        assertThat(e.problems())
                .singleElement()
                .satisfies(found -> assertThat(found.path() + ": " + found.rule())
                        .isEqualTo(
                                "drift.distances[0].on: features found, but the events have no tensor feature, which mmd"
                                        + " is made for; leave it out"));
    }
}
