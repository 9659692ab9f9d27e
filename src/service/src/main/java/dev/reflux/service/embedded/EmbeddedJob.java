package dev.reflux.service.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job that was given to an {@link EmbeddedFlink}. */
public final class EmbeddedJob {
    private final MiniCluster cluster;
    private final JobID id;
    private final CompletableFuture<JobExecutionResult> result;

    EmbeddedJob(MiniCluster cluster, JobID id) {
        this.cluster = cluster;
        this.id = id;
        this.result = cluster.requestJobResult(id).thenApply(EmbeddedJob::unpack);
    }

    public JobID id() {
        return id;
    }

    /**
     * Completes when the job has ended; with an exception whose causes lead to the job's own when it failed or was
     * cancelled.
     */
    public CompletableFuture<JobExecutionResult> result() {
        return result;
    }

    public JobStatus status() {
        return get(cluster.getJobStatus(id), Duration.ofSeconds(30));
    }

    /** Why the job was restarted or failed last, as far as the cluster still knows. */
    public Optional<Throwable> lastFailure() {
        ErrorInfo failure = get(cluster.getArchivedExecutionGraph(id), Duration.ofSeconds(30))
                .getFailureInfo();
        return Optional.ofNullable(failure)
                .map(info -> info.getException().deserializeError(EmbeddedJob.class.getClassLoader()));
    }

    /**
     * Ends the job between two events: it saves its state, makes what it has sent visible, and finishes.
     *
     * @return the folder of the savepoint, to resume from
     * @throws EmbeddedFlinkException when the job did not get there in time, or is not running; it may then run on
     */
    public Path stopWithSavepoint(Path folder, Duration timeout) {
        return new Path(get(
                cluster.stopWithSavepoint(id, folder.toUri().toString(), false, SavepointFormatType.CANONICAL),
                timeout));
    }

    /** Asks for a checkpoint out of turn; completes when it is taken, or declined. */
    public CompletableFuture<?> requestCheckpoint() {
        return cluster.triggerCheckpoint(id);
    }

    /** Ends the job where it stands; its newest checkpoint stays. Returns when it has ended. */
    public void cancel(Duration timeout) {
        get(cluster.cancelJob(id), timeout);
        try {
            result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // cancelled, as asked
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            throw new EmbeddedFlinkException("the job did not end within " + timeout.toSeconds() + " s", e);
        }
    }

    private static JobExecutionResult unpack(JobResult result) {
        try {
            return result.toJobExecutionResult(EmbeddedJob.class.getClassLoader());
        } catch (JobExecutionException | IOException | ClassNotFoundException e) {
            throw new CompletionException(e);
        }
    }

    private static <T> T get(CompletableFuture<T> future, Duration timeout) {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new EmbeddedFlinkException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new EmbeddedFlinkException("no answer from the job within " + timeout.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedFlinkException("interrupted while waiting for the job", e);
        }
    }
}
