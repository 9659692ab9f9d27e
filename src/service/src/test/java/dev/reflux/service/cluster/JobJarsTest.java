package dev.reflux.service.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JobJarsTest {

    @Test
    void select_classPath_leavesOutWhatTheClusterHas() {
        String classPath = String.join(
                File.pathSeparator,
                List.of(
                        "service/target/classes",
                        "a/reflux-flink-jobs-0.1.0.jar",
                        "a/reflux-service-0.1.0.jar",
                        "b/kafka-clients-4.2.2.jar",
                        "b/kafka_2.13-4.2.2.jar",
                        "b/flink-connector-kafka-5.0.0-2.2.jar",
                        "b/flink-runtime-2.2.1.jar",
                        "b/onnxruntime-1.28.0.jar",
                        "b/pytorch-native-cpu-2.7.1-linux-x86_64.jar",
                        "b/jackson-databind-2.22.4.jar",
                        "b/log4j-core-2.26.1.jar"));

        assertThat(JobJars.select(classPath))
                .extracting(jar -> jar.getFileName().toString())
                .containsExactly(
                        "reflux-flink-jobs-0.1.0.jar",
                        "kafka-clients-4.2.2.jar",
                        "flink-connector-kafka-5.0.0-2.2.jar",
                        "jackson-databind-2.22.4.jar");
    }
}
