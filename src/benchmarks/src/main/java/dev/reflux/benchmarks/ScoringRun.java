package dev.reflux.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.scoring.ScoringJob;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A scoring job over events that lie in their topic already, from the first prediction to the last. */
final class ScoringRun {

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 5;

    private ScoringRun() {}

    /** @param cores processors that the process kept busy, broker included */
    record Result(double eventsPerSecond, double cores) {}

    static Result run(Pipeline pipeline, OutgoingRecord student, LongFunction<byte[]> stream, int events)
            throws Exception {
        Path folder = Files.createTempDirectory("reflux-scoring");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                EmbeddedFlink flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                        org.apache.flink.core.fs.Path.fromLocalFile(
                                folder.resolve("flink").toFile()),
                        1,
                        Restarts.none(),
                        new SimpleMeterRegistry()))) {
            String brokers = kafka.bootstrapServers();
            try (Topics topics = new Topics(brokers, Map.of())) {
                topics.ensure(TopicPlan.ofScoring(pipeline), Topics.Creation.defaults());
            }
            publish(brokers, pipeline, student);
            try (Replay replay =
                    new Replay(brokers, Map.of(), pipeline.topics().events(), Replay.Pace.unlimited(events))) {
                replay.run(LongStream.range(0, events).mapToObj(stream).iterator());
            }
            StreamExecutionEnvironment environment = flink.environment();
            ScoringJob.build(environment, pipeline, brokers);
            EmbeddedJob job = flink.submit(environment);
            Result result = watch(brokers, pipeline, job, events);
            job.cancel(STOP);
            return result;
        } finally {
            delete(folder);
        }
    }

    private static void publish(String brokers, Pipeline pipeline, OutgoingRecord student) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            pipeline.topics().checkpoints(),
                            null,
                            student.timestamp(),
                            student.key(),
                            student.value(),
                            student.kafkaHeaders()))
                    .get();
        }
    }

    private static Result watch(String brokers, Pipeline pipeline, EmbeddedJob job, int events) throws Exception {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        TopicPartition predictions = new TopicPartition(pipeline.topics().predictions(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            long first = 0;
            long firstCpu = 0;
            long before = 0;
            while (true) {
                long there = consumer.endOffsets(List.of(predictions)).get(predictions);
                long now = System.nanoTime();
                long cpu = system.getProcessCpuTime();
                if (there > 0 && before == 0) {
                    first = now;
                    firstCpu = cpu;
                    before = there;
                }
                if (there >= events) {
                    double seconds = (now - first) / 1e9;
                    return new Result((there - before) / seconds, (cpu - firstCpu) / 1e9 / seconds);
                }
                requireRunning(job);
            }
        }
    }

    /** Waits a moment. */
    private static void requireRunning(EmbeddedJob job) throws Exception {
        try {
            job.result().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            throw new IllegalStateException("the scoring job ended by itself");
        } catch (TimeoutException e) {
            // it runs
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
