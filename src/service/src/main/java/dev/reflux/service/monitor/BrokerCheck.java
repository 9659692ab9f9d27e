package dev.reflux.service.monitor;

import dev.reflux.jobs.pipeline.Pipeline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** Asks the brokers now and then whether they are there. */
final class BrokerCheck implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Admin admin;
    private final String servers;
    private volatile Optional<String> failure;

    BrokerCheck(Pipeline pipeline) {
        servers = pipeline.kafka().bootstrapServers();
        Map<String, Object> properties = new HashMap<>(pipeline.kafka().properties());
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        admin = Admin.create(properties);
        failure = Optional.of("the brokers at " + servers + " were not asked yet");
    }

    /** Takes a few seconds when they do not answer. */
    void ask() {
        try {
            int nodes = admin.describeCluster()
                    .nodes()
                    .get(PATIENCE.toMillis() * 2, TimeUnit.MILLISECONDS)
                    .size();
            failure = nodes > 0 ? Optional.empty() : Optional.of("no broker at " + servers);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            failure = Optional.of("the brokers at " + servers + " do not answer: " + cause.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why they could not be asked the last time; empty when they answered. */
    Optional<String> failure() {
        return failure;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
