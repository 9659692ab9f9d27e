package dev.reflux.service.embedded;

import dev.reflux.jobs.metrics.MeterRegistries;
import dev.reflux.jobs.metrics.MicrometerReporterFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster inside this JVM: a JobManager and one TaskManager, as real as a cluster of processes in all that
 * matters to a job (scheduling, checkpoints, restarts), and gone with the process. Checkpoints go to a folder and stay
 * there when a job is cancelled or the process dies, see {@link dev.reflux.jobs.RetainedCheckpoints}.
 */
public final class EmbeddedFlink implements AutoCloseable {
    private static final long CLOSE_SECONDS = 30;

    private final MiniCluster cluster;
    private final Configuration configuration;
    private final MeterRegistries.Loan metrics;

    private EmbeddedFlink(MiniCluster cluster, Configuration configuration, MeterRegistries.Loan metrics) {
        this.cluster = cluster;
        this.configuration = configuration;
        this.metrics = metrics;
    }

    /**
     * What a cluster is to be.
     *
     * @param checkpoints folder of the Flink checkpoints, on any file system that Flink knows
     * @param slots task slots, 1 or more
     * @param registry where the cluster's and the jobs' metrics appear, until the cluster closes
     */
    public record Settings(Path checkpoints, int slots, Restarts restarts, MeterRegistry registry) {
        public Settings {
            if (slots < 1) {
                throw new IllegalArgumentException("slots is " + slots + ", must be 1 or more");
            }
            if (!checkpoints.isAbsolute()) {
                throw new IllegalArgumentException("the folder of the checkpoints is '" + checkpoints
                        + "', must be absolute: Flink and this process may take it from different folders");
            }
        }
    }

    /** Starts a cluster; returns when it takes jobs. */
    public static EmbeddedFlink start(Settings settings) {
        MeterRegistries.Loan metrics = MeterRegistries.lend(settings.registry());
        Configuration configuration = configuration(settings, metrics);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(settings.slots())
                .setCommonBindAddress(InetAddress.getLoopbackAddress().getHostAddress())
                .withRandomPorts()
                .build());
        try {
            cluster.start();
            return new EmbeddedFlink(cluster, configuration, metrics);
        } catch (Exception e) {
            metrics.close();
            cluster.closeAsync();
            throw new EmbeddedFlinkException("the embedded Flink did not start: " + e.getMessage(), e);
        }
    }

    /** Where the cluster takes jobs from others, as {@code HOST:PORT}. */
    public String restAddress() {
        try {
            URI address = cluster.getRestAddress().get();
            return address.getHost() + ":" + address.getPort();
        } catch (ExecutionException e) {
            throw new EmbeddedFlinkException("the cluster has no REST address: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedFlinkException("interrupted while asking for the REST address", e);
        }
    }

    /** An empty environment to put a job into, with this cluster's settings. */
    public StreamExecutionEnvironment environment() {
        return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    }

    /** Starts a job from nothing; returns as soon as the cluster has taken it. */
    public EmbeddedJob submit(StreamExecutionEnvironment job) {
        return submit(job.getStreamGraph().getJobGraph());
    }

    /**
     * Starts a job from a retained checkpoint or a savepoint, which from then on belongs to the job: it is deleted when
     * newer ones have taken its place.
     *
     * @param from the folder with {@code _metadata}
     */
    public EmbeddedJob resume(StreamExecutionEnvironment job, Path from) {
        JobGraph graph = job.getStreamGraph().getJobGraph();
        // State of an operator that the job no longer has is an error here: to drop it silently is to forget a student.
        graph.setSavepointRestoreSettings(
                SavepointRestoreSettings.forPath(from.toString(), false, RecoveryClaimMode.CLAIM));
        return submit(graph);
    }

    private EmbeddedJob submit(JobGraph graph) {
        JobID id = graph.getJobID();
        try {
            cluster.submitJob(graph).get();
        } catch (ExecutionException e) {
            throw new EmbeddedFlinkException(
                    "the job was not taken: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedFlinkException("interrupted while submitting the job", e);
        }
        return new EmbeddedJob(cluster, id);
    }

    /** Stops the cluster and with it every job; their retained checkpoints stay. */
    @Override
    public void close() {
        try {
            cluster.closeAsync().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new EmbeddedFlinkException("the embedded Flink did not stop in order: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            metrics.close();
        }
    }

    private static Configuration configuration(Settings settings, MeterRegistries.Loan metrics) {
        Configuration c = new Configuration();
        c.set(PipelineOptions.GENERIC_TYPES, false);
        c.set(PipelineOptions.OBJECT_REUSE, true);
        // a submitted job's jars are on this process's class path already; twice loaded they would not fit together
        c.set(CoreOptions.CLASSLOADER_RESOLVE_ORDER, "parent-first");
        c.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        c.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                settings.checkpoints().toUri().toString());
        c.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY,
                settings.checkpoints().toUri().toString());
        c.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 2);
        c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        c.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        c.setString("metrics.reporter.micrometer.factory.class", MicrometerReporterFactory.class.getName());
        c.setString("metrics.reporter.micrometer." + MicrometerReporterFactory.REGISTRY, metrics.key());
        c.setString("metrics.reporter.micrometer.interval", "1 SECONDS");
        settings.restarts().apply(c);
        return c;
    }
}
