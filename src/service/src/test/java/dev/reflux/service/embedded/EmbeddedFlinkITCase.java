package dev.reflux.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.RetainedCheckpoints;
import dev.reflux.jobs.metrics.Registries;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.core.fs.Path;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class EmbeddedFlinkITCase {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** What the counting operator of the running job has counted; operators live in this JVM. */
    private static final AtomicLong COUNTED = new AtomicLong();
    /** Its count at the first record that it got. */
    private static final AtomicLong FIRST = new AtomicLong();

    private final Registries registries = Registries.open(Optional.empty());

    @TempDir
    private File directory;

    @BeforeEach
    void nothingCounted() {
        COUNTED.set(0);
        FIRST.set(0);
    }

    @Test
    void result_ofABoundedJob_completes() throws Exception {
        try (EmbeddedFlink flink = start(Restarts.none())) {
            StreamExecutionEnvironment job = job(flink, 1_000, Long.MAX_VALUE);

            flink.submit(job).result().get();

            assertThat(COUNTED).hasValue(1_000);
        }
    }

    @Test
    void metrics_ofARunningJob_areInTheRegistryAsCounters() throws Exception {
        try (EmbeddedFlink flink = start(Restarts.none())) {
            EmbeddedJob running = flink.submit(job(flink, Long.MAX_VALUE, Long.MAX_VALUE));
            await(() -> counted(registries.all()) > 100);

            assertThat(registries.scrape())
                    .contains("# TYPE reflux_batches_total counter")
                    .contains("flink_task_records_in_total")
                    .contains("flink_job_last_checkpoint_size_bytes")
                    .doesNotContain(running.id().toString());
            running.cancel(PATIENCE);
        }
        assertThat(registries.all().getMeters())
                .extracting(meter -> meter.getId().getName())
                .noneMatch(name -> name.startsWith("reflux") || name.startsWith("flink"));
    }

    @Test
    void result_ofAJobThatFails_carriesTheJobsOwnException() {
        try (EmbeddedFlink flink = start(Restarts.none())) {
            EmbeddedJob failing = flink.submit(job(flink, Long.MAX_VALUE, 50));

            assertThatThrownBy(() -> failing.result().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("failed on purpose at 50");
        }
    }

    @Test
    void lastFailure_ofAJobThatIsRestartedForEver_isTheJobsOwn() throws Exception {
        try (EmbeddedFlink flink = start(Restarts.unlimited())) {
            EmbeddedJob failing = flink.submit(job(flink, Long.MAX_VALUE, 50));
            await(() -> failing.lastFailure().isPresent());

            assertThat(failing.lastFailure().orElseThrow()).hasStackTraceContaining("failed on purpose at 50");
            assertThat(failing.result()).isNotDone();
            failing.cancel(PATIENCE);
        }
    }

    @Test
    void resume_fromASavepoint_goesOnCounting() throws Exception {
        long saved;
        try (EmbeddedFlink flink = start(Restarts.none())) {
            EmbeddedJob running = flink.submit(job(flink, Long.MAX_VALUE, Long.MAX_VALUE));
            await(() -> COUNTED.get() > 100);
            running.stopWithSavepoint(folder(), PATIENCE);
            running.result().get();
            saved = COUNTED.get();
        }
        nothingCounted();

        try (EmbeddedFlink flink = start(Restarts.none())) {
            Path newest = RetainedCheckpoints.newest(folder()).orElseThrow();
            assertThat(newest.getName()).startsWith("savepoint-");
            EmbeddedJob running = flink.resume(job(flink, Long.MAX_VALUE, Long.MAX_VALUE), newest);
            await(() -> COUNTED.get() > 0);

            assertThat(FIRST).hasValue(saved + 1);
            running.cancel(PATIENCE);
        }
    }

    @Test
    void resume_fromTheCheckpointOfACancelledJob_goesOnCounting() throws Exception {
        try (EmbeddedFlink flink = start(Restarts.none())) {
            EmbeddedJob running = flink.submit(job(flink, Long.MAX_VALUE, Long.MAX_VALUE));
            await(() -> COUNTED.get() > 100);
            running.requestCheckpoint().get();
            running.cancel(PATIENCE);
            assertThat(running.status()).isEqualTo(JobStatus.CANCELED);
        }
        nothingCounted();

        try (EmbeddedFlink flink = start(Restarts.none())) {
            Path newest = RetainedCheckpoints.newest(folder()).orElseThrow();
            assertThat(newest.getName()).startsWith("chk-");
            EmbeddedJob running = flink.resume(job(flink, Long.MAX_VALUE, Long.MAX_VALUE), newest);
            await(() -> COUNTED.get() > 0);

            assertThat(FIRST.get()).isGreaterThan(100);
            running.cancel(PATIENCE);
        }
    }

    @Test
    void resume_fromAnUnreadableCheckpoint_failsTheJob() throws Exception {
        java.nio.file.Path broken = directory.toPath().resolve("job/chk-1");
        Files.createDirectories(broken);
        Files.writeString(broken.resolve("_metadata"), "not a checkpoint");

        try (EmbeddedFlink flink = start(Restarts.unlimited())) {
            Path newest = RetainedCheckpoints.newest(folder()).orElseThrow();
            EmbeddedJob job = flink.resume(job(flink, Long.MAX_VALUE, Long.MAX_VALUE), newest);

            assertThatThrownBy(() -> job.result().get()).hasStackTraceContaining("magic number");
            assertThat(COUNTED).hasValue(0);
        }
    }

    private EmbeddedFlink start(Restarts restarts) {
        return EmbeddedFlink.start(new EmbeddedFlink.Settings(folder(), 2, restarts, registries.all()));
    }

    private Path folder() {
        return Path.fromLocalFile(directory);
    }

    private static double counted(MeterRegistry registry) {
        return registry.find("reflux.batches").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    private static StreamExecutionEnvironment job(EmbeddedFlink flink, long upTo, long failAt) {
        StreamExecutionEnvironment job = flink.environment();
        Configuration checkpoints = new Configuration();
        checkpoints.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        checkpoints.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        job.configure(checkpoints);
        job.setParallelism(1);
        job.fromSequence(1, upTo)
                .uid("numbers")
                .map(new Counting(failAt))
                .returns(Types.LONG)
                .uid("counting")
                .startNewChain()
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
        return job;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("condition not met in time").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static final class Counting extends RichMapFunction<Long, Long> implements CheckpointedFunction {
        private final long failAt;
        private long count;
        private transient ListState<Long> state;

        private Counting(long failAt) {
            this.failAt = failAt;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            state = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("count", Types.LONG));
            for (Long saved : state.get()) {
                count = saved;
            }
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.clear();
            state.add(count);
        }

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().getMetricGroup().addGroup("reflux").counter("batches", new CountOf());
        }

        @Override
        public Long map(Long value) {
            if (++count == failAt) {
                throw new IllegalStateException("failed on purpose at " + failAt);
            }
            FIRST.compareAndSet(0, count);
            COUNTED.set(count);
            return value;
        }

        private static final class CountOf extends SimpleCounter {
            @Override
            public long getCount() {
                return COUNTED.get();
            }
        }
    }
}
