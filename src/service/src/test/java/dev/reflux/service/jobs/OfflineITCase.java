package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Teacher;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.report.StudentReport;
import dev.reflux.jobs.report.TeacherReport;
import dev.reflux.service.ErrorText;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A teacher that learned in one pipeline teaches in others, and learns nothing more there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OfflineITCase {

    private static final int EVENTS = 12_800;

    private static final String TEACHER = "network: { type: mlp, hidden: [32, 16] }";
    private static final String ONLINE = "distillation: { scheme: online }";
    private static final String OFFLINE = "distillation: { scheme: offline }";

    private Path folder;
    private EmbeddedKafka kafka;
    private Path snapshot;
    private TeacherReport online;
    private int runs;

    @BeforeAll
    void learnOnline(@TempDir Path temporary) throws Exception {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        snapshot = folder.resolve("teacher.reflux");
        String teacher = TEACHER + ", save: " + snapshot;
        // with a policy that the offline pipelines do not have: what a teacher heard is not what it knows
        online = run(pipeline(teacher, ONLINE, "[in, out]", "mutual"), 1)
                .report()
                .teacher();
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void offline_teacher_isFrozen() throws Exception {
        Path after = folder.resolve("after.reflux");
        Pipeline pipeline = offline(TEACHER + ", load: " + snapshot + ", save: " + after, "error-signal");

        TeacherReport teacher = run(pipeline, 1).report().teacher();

        // what a teacher gives that nobody but this test has used
        try (Teacher frozen = plan(pipeline).createTeacher()) {
            List<MicroBatch> batches = batches(pipeline);
            batches.forEach(batch -> frozen.teach(batch.id(), plan(pipeline).examples(batch)));
            assertThat(teacher.accuracy()).isEqualTo(frozen.quality().total().accuracy());
            assertThat(teacher.logLoss()).isEqualTo(frozen.quality().total().logLoss());
            try (Teacher saved =
                    plan(offline(TEACHER + ", load: " + after, "none")).createTeacher()) {
                assertThat(logits(pipeline, saved, batches.get(0))).isEqualTo(logits(pipeline, frozen, batches.get(0)));
            }
        }
        // it begins with all that it learned, over the very stream that taught it
        assertThat(teacher.accuracy()).isGreaterThan(online.accuracy()).isGreaterThan(0.85);
    }

    @Test
    void offline_student_learnsFromTheFrozenTeacher() throws Exception {
        Pipeline pipeline = offline(TEACHER + ", load: " + snapshot, "none");

        StudentReport student = run(pipeline, 1).report().students().get(0);

        assertThat(student.kappa()).isGreaterThan(0.6);
        assertThat(student.agreement()).isGreaterThan(0.8);
    }

    @Test
    void offline_studentWithoutAnyLabel_learnsFromTheFrozenTeacherAlone() throws Exception {
        Pipeline pipeline = offline(TEACHER + ", load: " + snapshot, "none");
        Pipeline untaught = pipeline(TEACHER, ONLINE, "[in, out]", "none");

        StudentReport student = run(pipeline, 0).report().students().get(0);
        StudentReport ofNobody = run(untaught, 0).report().students().get(0);

        assertThat(student.kappa()).isGreaterThan(0.5);
        assertThat(ofNobody.kappa())
                .as("kappa when the teacher knows nothing either")
                .isLessThan(0.3);
    }

    @Test
    void load_ofAFileThatIsNotThere_saysSo() throws Exception {
        Path missing = folder.resolve("missing.reflux");

        assertThatFails(offline(TEACHER + ", load: " + missing, "none"))
                .isEqualTo("teacher.load: " + missing
                        + " cannot be read; write one with teacher.save in an online pipeline");
    }

    @Test
    void load_ofATeacherOfOtherClasses_saysWhichTheyAre() throws Exception {
        assertThatFails(pipeline(TEACHER + ", load: " + snapshot, OFFLINE, "[out, in]", "none"))
                .isEqualTo(
                        "teacher.load: " + snapshot + " does not fit this pipeline: the teacher of pipeline 'offline'"
                                + " knows the classes [in, out], this pipeline has [out, in]; they must be the same, in order");
    }

    @Test
    void load_ofATeacherOfAnotherNetwork_saysWhichItIs() throws Exception {
        assertThatFails(offline("network: { type: mlp, hidden: [31, 16] }, load: " + snapshot, "none"))
                .startsWith("teacher.load: " + snapshot + " does not fit this pipeline: network: the state holds")
                .contains("32")
                .contains("31");
    }

    private AbstractStringAssert<?> assertThatFails(Pipeline pipeline) throws Exception {
        String[] text = new String[1];
        assertThatThrownBy(() -> run(pipeline, 1)).satisfies(error -> text[0] = ErrorText.of(error));
        return assertThat(text[0]);
    }

    private BoundedJob.Outcome run(Pipeline pipeline, double labelShare) throws Exception {
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, EVENTS, Long.MAX_VALUE);
        return BoundedJob.run(kafka, pipeline, EVENTS, labelShare, folder);
    }

    private static LearningPlan plan(Pipeline pipeline) {
        return LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), 1, 0));
    }

    /** The stream as the job cuts it. */
    private static List<MicroBatch> batches(Pipeline pipeline) {
        LearningPlan plan = plan(pipeline);
        EventDecoder decoder = new EventDecoder(plan.schema());
        MicroBatchBuilder builder =
                new MicroBatchBuilder(plan.batchLayout(), pipeline.batch().size(), LabelMask.none());
        List<MicroBatch> batches = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            assertThat(decoder.decode(TestEvents.event(i, Long.MAX_VALUE), 0, i, i, builder))
                    .isNull();
            if (builder.isFull()) {
                batches.add(builder.build(batches.size()));
            }
        }
        return batches;
    }

    private static float[] logits(Pipeline pipeline, Teacher teacher, MicroBatch batch) {
        Examples examples = plan(pipeline).examples(batch);
        float[] logits = new float[examples.size() * 2];
        teacher.models().get(0).predict(examples, 0, examples.size(), logits);
        return logits;
    }

    private Pipeline offline(String teacher, String policy) {
        return pipeline(teacher, OFFLINE, "[in, out]", policy);
    }

    private Pipeline pipeline(String teacher, String distillation, String classes, String policy) {
        return PipelineReader.read(
                """
                pipeline: offline
                topics: { events: r%1$d.in, checkpoints: r%1$d.out, drift: r%1$d.drift, deadLetters: r%1$d.dead }
                %2$s
                batch: { size: 64, maxDelay: off, step: 4 }
                teacher: { %3$s }
                %4$s
                students: [ { name: small, network: { type: mlp, hidden: [12] }, optimizer: { learningRate: 0.1 } } ]
                feedback: { policy: %5$s }
                flink: { checkpointInterval: 100ms }
                """.formatted(runs++, TestEvents.SECTION.replace("[in, out]", classes), teacher, distillation, policy));
    }
}
