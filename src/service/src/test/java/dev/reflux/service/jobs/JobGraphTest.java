package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.support.TestEvents;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph of the job, which its state, its promises and its metrics hang on. */
final class JobGraphTest {

    private static final Set<String> LOOP = Set.of("teacher", "student-phone", "student-watch");

    @Test
    void operators_areKnownByTheSameUidsForEver() {
        Map<String, String> names = new TreeMap<>();
        for (StreamNode node : nodes(environment(false))) {
            assertThat(node.getTransformationUID()).as("uid of %s", node).isNotBlank();
            assertThat(node.getOperatorName()).as("name of %s", node).isNotBlank();
            names.put(node.getTransformationUID(), node.getOperatorName());
        }

        // State is found by uid: whoever changes one of these makes every pipeline forget what it has learned.
        assertThat(names)
                .containsExactlyEntriesOf(new TreeMap<>(Map.ofEntries(
                        Map.entry("events", "Source: events"),
                        Map.entry("batch", "batch"),
                        Map.entry("dead-letters", "dead-letters: Writer"),
                        Map.entry("Sink Committer: dead-letters", "dead-letters: Committer"),
                        Map.entry("teacher", "teacher"),
                        Map.entry("student-phone", "student phone"),
                        Map.entry("student-watch", "student watch"),
                        Map.entry("checkpoints-phone", "checkpoints phone: Writer"),
                        Map.entry("Sink Committer: checkpoints-phone", "checkpoints phone: Committer"),
                        Map.entry("checkpoints-watch", "checkpoints watch: Writer"),
                        Map.entry("Sink Committer: checkpoints-watch", "checkpoints watch: Committer"),
                        Map.entry("decisions", "decisions: Writer"),
                        Map.entry("Sink Committer: decisions", "decisions: Committer"),
                        Map.entry("drift", "drift: Writer"),
                        Map.entry("Sink Committer: drift", "drift: Committer"))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void teacherAndStudents_stayInOneSlot(boolean chained) {
        Map<String, String> groups = nodes(environment(chained)).stream()
                .filter(node -> LOOP.contains(node.getTransformationUID()))
                .collect(Collectors.toMap(StreamNode::getTransformationUID, StreamNode::getCoLocationGroup));
        assertThat(groups.keySet()).isEqualTo(LOOP);
        assertThat(groups.values()).containsOnly("reflux-loop");

        List<JobVertex> loop = StreamSupport.stream(
                        environment(chained)
                                .getStreamGraph()
                                .getJobGraph()
                                .getVertices()
                                .spliterator(),
                        false)
                .filter(vertex ->
                        vertex.getName().contains("teacher") || vertex.getName().contains("student"))
                .toList();
        assertThat(loop).isNotEmpty();
        assertThat(loop.stream().map(JobVertex::getCoLocationGroup).collect(Collectors.toSet()))
                .as("co-location groups of the tasks that hold the loop")
                .hasSize(1)
                .doesNotContainNull();
        assertThat(loop.stream().map(JobVertex::getParallelism)).containsOnly(1);
    }

    @Test
    void tasks_unchained_giveEveryLearnerItsOwnThread() {
        assertThat(tasks(environment(false)))
                .containsExactlyInAnyOrder(
                        Set.of("Source: events", "batch", "dead-letters: Writer", "dead-letters: Committer"),
                        Set.of("teacher"),
                        Set.of("student phone", "checkpoints phone: Writer", "checkpoints phone: Committer"),
                        Set.of("student watch", "checkpoints watch: Writer", "checkpoints watch: Committer"),
                        Set.of("decisions: Writer", "decisions: Committer"),
                        Set.of("drift: Writer", "drift: Committer"));
    }

    @Test
    void tasks_chained_giveTeacherAndStudentsOneThread() {
        assertThat(tasks(environment(true)))
                .containsExactlyInAnyOrder(
                        Set.of("Source: events", "batch", "dead-letters: Writer", "dead-letters: Committer"),
                        Set.of(
                                "teacher",
                                "student phone",
                                "checkpoints phone: Writer",
                                "checkpoints phone: Committer",
                                "student watch",
                                "checkpoints watch: Writer",
                                "checkpoints watch: Committer"),
                        Set.of("decisions: Writer", "decisions: Committer"),
                        Set.of("drift: Writer", "drift: Committer"));
    }

    @Test
    void streamDrift_whereAskedFor_sharesTheTaskOfTheSource() {
        StreamExecutionEnvironment environment =
                environment(false, "drift: { distances: [ { type: psi }, { type: mmd, on: student-output } ] }");

        assertThat(tasks(environment))
                .contains(Set.of(
                        "Source: events", "batch", "stream drift", "dead-letters: Writer", "dead-letters: Committer"));
    }

    @Test
    void types_areNeverGeneric() {
        StreamExecutionEnvironment environment = environment(false);

        assertThat(environment.getConfiguration().get(PipelineOptions.GENERIC_TYPES))
                .isFalse();
        // with them disabled, a type without a serializer of its own is refused here
        assertThat(environment.getStreamGraph().getStreamNodes()).isNotEmpty();
    }

    @Test
    void environment_hasWhatTheLoopReliesOn() {
        StreamExecutionEnvironment environment = environment(false);

        assertThat(environment.getParallelism()).isEqualTo(1);
        assertThat(environment.getBufferTimeout()).isZero();
        assertThat(environment.getCheckpointConfig().isCheckpointingEnabled()).isTrue();
        assertThat(environment.getCheckpointConfig().isUnalignedCheckpointsEnabled())
                .isFalse();
        assertThat(environment.getConfig().isObjectReuseEnabled()).isTrue();
    }

    private static Collection<StreamNode> nodes(StreamExecutionEnvironment environment) {
        StreamGraph graph = environment.getStreamGraph();
        return graph.getStreamNodes();
    }

    /** The names of the operators of each task. */
    private static List<Set<String>> tasks(StreamExecutionEnvironment environment) {
        StreamGraph graph = environment.getStreamGraph();
        Map<String, String> names = graph.getStreamNodes().stream()
                .collect(Collectors.toMap(StreamNode::getTransformationUID, StreamNode::getOperatorName));
        JobGraph job = graph.getJobGraph();
        return StreamSupport.stream(job.getVertices().spliterator(), false)
                .map(vertex -> vertex.getOperatorIDs().stream()
                        .map(pair -> names.getOrDefault(pair.getUserDefinedOperatorUid(), "?"))
                        .collect(Collectors.toSet()))
                .toList();
    }

    private static StreamExecutionEnvironment environment(boolean chained) {
        return environment(chained, "");
    }

    private static StreamExecutionEnvironment environment(boolean chained, String more) {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: graph
                %s
                students: [ { name: phone }, { name: watch } ]
                flink: { chained: %s }
                %s
                """.formatted(TestEvents.SECTION, chained, more));
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment();
        DistillationJob.build(
                environment, pipeline, new DistillationJob.Options("localhost:1", OptionalLong.empty(), 1, 0));
        return environment;
    }
}
