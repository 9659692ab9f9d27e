package dev.reflux.jobs.operators;

import dev.reflux.drift.DistributionMonitor;
import dev.reflux.drift.Quantity;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.operators.QuantitySource.Kind;
import dev.reflux.jobs.pipeline.DistanceSettings;
import dev.reflux.jobs.pipeline.DistanceSettings.Subject;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of distances as what is watched: several measures of one quantity share its distribution. */
final class Quantities {

    /** Odd and irregular, so that the sketches of neighbouring quantities draw apart. */
    private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

    private final LearningPlan plan;
    private final String subject;
    private final List<Planned> planned = new ArrayList<>();

    private record Planned(
            QuantitySource source, String metric, @Nullable String feature, List<DistributionMonitor.Test> tests) {}

    /** @param subject whose they are: a student's name, {@code teacher}, or {@code stream} */
    Quantities(LearningPlan plan, String subject) {
        this.plan = plan;
        this.subject = subject;
    }

    void add(DistanceSettings distance) {
        int classes = plan.classes();
        switch (distance.on()) {
            case FEATURES -> addFeatures(distance);
            case LABEL -> add(distance, QuantitySource.of(Kind.LABEL, 0, classes), null);
            case STUDENT_PREDICTION, TEACHER_PREDICTION ->
                add(distance, QuantitySource.of(Kind.PREDICTION, 0, classes), null);
            case STUDENT_CONFIDENCE, TEACHER_CONFIDENCE -> {
                boolean outcome = distance instanceof DistanceSettings.Calibration;
                add(distance, QuantitySource.of(outcome ? Kind.OUTCOME : Kind.CONFIDENCE, 0, 1), null);
            }
            case STUDENT_OUTPUT, TEACHER_OUTPUT -> {
                if (distance instanceof DistanceSettings.Mmd mmd) {
                    add(mmd, new QuantitySource(Kind.OUTPUT, 0, classes, mmd.width(), mmd.every()), null);
                }
            }
        }
    }

    private void addFeatures(DistanceSettings distance) {
        EventSchema schema = plan.schema();
        if (distance instanceof DistanceSettings.Mmd mmd) {
            int offset = 0;
            for (int column = 0; column < schema.tensors().size(); column++) {
                int size = plan.batchLayout().tensorVolume(column);
                addFeature(
                        mmd,
                        new QuantitySource(Kind.TENSOR, offset, size, mmd.width(), mmd.every()),
                        schema.tensors().get(column).name());
                offset += size;
            }
            return;
        }
        for (int column = 0; column < schema.numerics().size(); column++) {
            addFeature(
                    distance,
                    QuantitySource.of(Kind.NUMERIC, column, 1),
                    schema.numerics().get(column).name());
        }
        if (distance instanceof DistanceSettings.KolmogorovSmirnov) {
            return;
        }
        for (int column = 0; column < schema.categories().size(); column++) {
            int size = plan.batchLayout().categorySizes().get(column);
            addFeature(
                    distance,
                    QuantitySource.of(Kind.CATEGORY, column, size),
                    schema.categories().get(column).name());
        }
    }

    private void addFeature(DistanceSettings distance, QuantitySource source, String name) {
        if (distance.features().isEmpty() || distance.features().contains(name)) {
            add(distance, source, name);
        }
    }

    private void add(DistanceSettings distance, QuantitySource source, @Nullable String feature) {
        Planned quantity = planned.stream()
                .filter(known -> known.source().equals(source))
                .findFirst()
                .orElseGet(() -> {
                    String metric = distance.on() == Subject.FEATURES ? "feature" : Texts.wireName(distance.on());
                    Planned added = new Planned(source, metric, feature, new ArrayList<>());
                    planned.add(added);
                    return added;
                });
        quantity.tests().add(new DistributionMonitor.Test(distance.measure(), distance.warning(), distance.drift()));
    }

    /** One for each of {@link #create}, in the same order. */
    List<QuantitySource> sources() {
        return planned.stream().map(Planned::source).toList();
    }

    List<Quantity> create() {
        List<Quantity> quantities = new ArrayList<>();
        for (Planned one : planned) {
            long seed = plan.pipeline().seed() + SEED_STEP * (quantities.size() + 1);
            long warmUp = one.source().kind().isOfModel()
                    ? plan.pipeline().drift().windows().warmUp()
                    : 0;
            quantities.add(new Quantity(
                    subject, one.metric(), one.feature(), warmUp, one.source().empty(seed), one.tests()));
        }
        return quantities;
    }
}
