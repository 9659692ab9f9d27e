package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.report.TeacherReport;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The teacher's ways to hear its students, in the whole job. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PoliciesITCase {

    private static final int EVENTS = 4_000;

    private Path folder;
    private EmbeddedKafka kafka;

    @BeforeAll
    void start(@TempDir Path temporary) {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void everyPolicy_chainedOrNot_learnsTheSame() throws Exception {
        Set<TeacherReport> teachers = new HashSet<>();
        for (String policy : List.of("none", "error-signal", "mutual")) {
            BoundedJob.Outcome chained = run(policy, true);
            BoundedJob.Outcome unchained = run(policy, false);
            assertThat(chained.report()).as("%s, chained", policy).isEqualTo(unchained.report());
            for (String student : List.of("large", "small")) {
                assertThat(chained.published(student))
                        .as("%s, chained: what %s published", policy, student)
                        .hasSize(7)
                        .isEqualTo(unchained.published(student));
            }
            assertThat(chained.report().intake().trained()).isEqualTo(EVENTS);
            assertThat(chained.report().students())
                    .hasSize(2)
                    .allSatisfy(student -> assertThat(student.kappa())
                            .as("kappa with %s", policy)
                            .isGreaterThan(0.3));
            teachers.add(chained.report().teacher());
        }
        assertThat(teachers).as("teachers that hear their students otherwise").hasSize(3);
    }

    private BoundedJob.Outcome run(String policy, boolean chained) throws Exception {
        Pipeline pipeline =
                PipelineReader.read("""
                pipeline: policies
                topics: { events: %1$s.in, checkpoints: %1$s.out, drift: %1$s.drift, deadLetters: %1$s.dead }
                %2$s
                batch: { size: 64, maxDelay: off, step: 4 }
                teacher: { network: { type: mlp, hidden: [24, 16] }, teach: before }
                students:
                  - { name: large, network: { type: mlp, hidden: [12] } }
                  - { name: small, network: { type: mlp, hidden: [8] } }
                feedback: { policy: %3$s, lag: 1 }
                checkpoints: { every: 10 batches, gate: { maxRegression: 1, minEvents: 0 } }
                flink: { checkpointInterval: 100ms, chained: %4$s }
                """.formatted(policy + "-" + chained, TestEvents.SECTION, policy, chained));
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, EVENTS, Long.MAX_VALUE);
        return BoundedJob.run(kafka, pipeline, EVENTS, 1, folder);
    }
}
