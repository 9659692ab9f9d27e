package dev.reflux.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.options.OptionException;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftJobTest {

    private static Pipeline pipeline(String more) {
        return PipelineReader.read("""
                pipeline: watched
                events: {label: {classes: [no, yes]}, features: [{name: x, type: numeric}], teacher: {path: /said}}
                teacher: {from: events}
                distillation: {scheme: offline}
                drift: %s
                """.formatted(more));
    }

    private static Set<String> operators(String drift) {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        DriftJob.build(environment, pipeline(drift), "localhost:9092");
        assertThat(environment.getStreamGraph(false).getStreamNodes())
                .allSatisfy(node -> assertThat(node.getTransformationUID()).isNotNull());
        return environment.getStreamGraph(false).getStreamNodes().stream()
                .map(StreamNode::getTransformationUID)
                .collect(Collectors.toSet());
    }

    @Test
    void build_hasTheOperatorsThatAreAskedFor() {
        assertThat(operators("{detectors: [{type: adwin, on: teacher-error}], distances: [{type: psi}]}"))
                .contains("events", "batch", "stream-drift", "model-drift", "drift", "dead-letters")
                .noneMatch(uid -> uid.contains("student") || uid.contains("checkpoints"));
        assertThat(operators("{detectors: [{type: ddm, on: feature, feature: x}]}"))
                .contains("stream-drift")
                .doesNotContain("model-drift");
        assertThat(operators("{detectors: [{type: ddm, on: teacher-error}]}"))
                .contains("model-drift")
                .doesNotContain("stream-drift");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | drift.detectors[0].on | student-error found, but nobody studies in this job; the model that it watches is the teacher",
                "{detectors: [], distances: [{type: calibration}]} | drift.distances[0].on | student-confidence found, but nobody studies in this job; the model that it watches is the teacher",
                "{detectors: []} | drift | neither a detector nor a distance found; there is nothing to watch",
            })
    void check_whatCannotBeWatchedHere_isRefused(String drift, String option, String rule) {
        assertThatThrownBy(() -> DriftJob.check(pipeline(drift))).isInstanceOfSatisfying(OptionException.class, e -> {
            assertThat(e.option()).isEqualTo(option);
            assertThat(e.rule()).isEqualTo(rule);
        });
    }

    @Test
    void check_aTeacherThatLearns_isRefused() {
        Pipeline learning = PipelineReader.read("""
                pipeline: watched
                events: {label: {classes: [no, yes]}, features: [{name: x, type: numeric}]}
                drift: {detectors: [{type: adwin, on: teacher-error}]}
                """);
        assertThatThrownBy(() -> DriftJob.check(learning))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("teacher-error found, but distillation.scheme is online");
    }
}
