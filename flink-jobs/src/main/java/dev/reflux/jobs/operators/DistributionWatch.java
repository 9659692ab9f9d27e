package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DistributionMonitor;
import dev.reflux.drift.DriftRecord;
import dev.reflux.drift.Quantity;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.DistanceSettings.Subject;
import dev.reflux.jobs.pipeline.DriftWindowSettings;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an operator's distributions, event by event, and makes the records on how far they have moved. A window ends with the
 * first batch that brings it to {@code drift.windows.current} events.
 *
 * <p>Only visible labels count: what learning may not see, monitoring may not see either.
 */
final class DistributionWatch {

    /** The subject of what is watched of the events themselves. */
    static final String STREAM = "stream";

    private static final String SECTION = "distribution-watch";
    private static final int VERSION = 1;

    private final LearningPlan plan;
    private final List<QuantitySource> sources;
    private final DistributionMonitor monitor;
    private final DriftRecords records;

    private DistributionWatch(
            LearningPlan plan, List<QuantitySource> sources, DistributionMonitor monitor, DriftRecords records) {
        this.plan = plan;
        this.sources = sources;
        this.monitor = monitor;
        this.records = records;
    }

    /** The events' features and labels. */
    static DistributionWatch ofStream(LearningPlan plan) {
        return of(plan, STREAM, Subject::isStreams);
    }

    /** What the teacher says. */
    static DistributionWatch ofTeacher(LearningPlan plan) {
        return of(plan, DriftWatch.TEACHER, Subject::isTeachers);
    }

    /** What a student says. */
    static DistributionWatch ofStudent(LearningPlan plan, String student) {
        return of(plan, student, on -> !on.isStreams() && !on.isTeachers());
    }

    private static DistributionWatch of(LearningPlan plan, String subject, Predicate<Subject> chosen) {
        Quantities quantities = new Quantities(plan, subject);
        plan.pipeline().drift().distances().stream()
                .filter(distance -> chosen.test(distance.on()))
                .forEach(quantities::add);
        DriftWindowSettings windows = plan.pipeline().drift().windows();
        DistributionMonitor.Settings settings =
                new DistributionMonitor.Settings(windows.reference(), windows.alpha(), windows.renewal());
        return new DistributionWatch(
                plan,
                quantities.sources(),
                new DistributionMonitor(settings, quantities.create()),
                new DriftRecords(plan.pipeline().pipeline(), List.of()));
    }

    /**
     * Takes in a batch.
     *
     * @param model whose outputs are watched; of no use where it is the stream
     */
    void watch(MicroBatch batch, ModelOutputs model) {
        if (sources.isEmpty()) {
            return;
        }
        records.add(monitor.events(), batch);
        List<Quantity> quantities = monitor.quantities();
        for (int row = 0; row < batch.size(); row++) {
            for (int i = 0; i < quantities.size(); i++) {
                if (sources.get(i).takes(monitor.events())) {
                    sources.get(i).feed(quantities.get(i), batch, row, model);
                }
            }
            monitor.nextEvent();
        }
    }

    /** The records of the window if it ends with this batch, else none. */
    List<OutgoingRecord> records(MicroBatch batch) {
        boolean ends =
                monitor.windowEvents() >= plan.pipeline().drift().windows().current();
        return sources.isEmpty() || !ends ? List.of() : records.of(monitor.closeWindow(), batch);
    }

    /** What its records are on. */
    List<DriftKey> keys() {
        return monitor.quantities().stream()
                .flatMap(quantity -> quantity.tests().stream()
                        .map(test -> new DriftKey(
                                quantity.subject(),
                                quantity.metric(),
                                quantity.feature(),
                                test.measure().wireName())))
                .distinct()
                .toList();
    }

    /** The newest record on one of them; null before the first. */
    @Nullable
    DriftRecord latest(DriftKey key) {
        return records.latest(key);
    }

    /** Alarms since the start. */
    long alarms() {
        return monitor.alarms();
    }

    void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putBytes(DriftState.write(monitor::write));
            records.write(section);
        });
    }

    /** This watch with the state that was saved; quantities that were not watched then begin. */
    DistributionWatch read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        DistributionMonitor saved = DriftState.read(section, DistributionMonitor::read);
        return new DistributionWatch(plan, sources, monitor.resume(saved), records.read(section));
    }
}
