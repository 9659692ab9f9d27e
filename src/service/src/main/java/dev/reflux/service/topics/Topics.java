package dev.reflux.service.topics;

import dev.reflux.service.UsageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks after a pipeline's topics: what is missing is made, what is there is compared and left alone. */
public final class Topics implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration RETRY = Duration.ofMillis(50);

    private final Admin admin;
    private final String bootstrapServers;

    /**
     * @param bootstrapServers the brokers
     * @param properties Kafka client properties (SASL, TLS)
     */
    public Topics(String bootstrapServers, Map<String, String> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        this.admin = Admin.create(all);
        this.bootstrapServers = bootstrapServers;
    }

    /** How to make topics. Empty means: one partition for a checkpoint-exact stream, the brokers' own replication. */
    public record Creation(OptionalInt partitions, OptionalInt replication) {
        public static Creation defaults() {
            return new Creation(OptionalInt.empty(), OptionalInt.empty());
        }
    }

    /** Names of the planned topics that do not exist. */
    public List<String> missing(List<TopicPlan> plans) {
        Set<String> existing = existing();
        return plans.stream()
                .map(TopicPlan::name)
                .filter(name -> !existing.contains(name))
                .toList();
    }

    /** Creates what is missing and checks the rest; one state per plan, in order. */
    public List<TopicState> ensure(List<TopicPlan> plans, Creation creation) {
        Set<String> existing = existing();
        List<String> created = new ArrayList<>();
        for (TopicPlan plan : plans) {
            if (!existing.contains(plan.name()) && create(plan, creation)) {
                created.add(plan.name());
            }
        }
        return states(plans, creation, created);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private Set<String> existing() {
        return get(admin.listTopics().names());
    }

    /** False when another process made it first. */
    private boolean create(TopicPlan plan, Creation creation) {
        NewTopic topic = new NewTopic(
                        plan.name(),
                        Optional.of(creation.partitions().orElse(1)),
                        creation.replication().isPresent()
                                ? Optional.of((short) creation.replication().getAsInt())
                                : Optional.empty())
                .configs(plan.creationSettings());
        try {
            get(admin.createTopics(List.of(topic)).all());
            return true;
        } catch (TopicsException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    private List<TopicState> states(List<TopicPlan> plans, Creation creation, List<String> created) {
        List<String> names = plans.stream().map(TopicPlan::name).toList();
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, TopicDescription> descriptions =
                whenKnown(() -> admin.describeTopics(names).allTopicNames());
        Map<ConfigResource, Config> configs =
                whenKnown(() -> admin.describeConfigs(resources).all());
        List<TopicState> states = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            states.add(state(
                    plans.get(i),
                    descriptions.get(names.get(i)),
                    configs.get(resources.get(i)),
                    creation,
                    created.contains(names.get(i))));
        }
        return states;
    }

    /** A broker hears of a new topic a moment after the controller has made it; until then it does not know it. */
    private <T> T whenKnown(Supplier<KafkaFuture<T>> question) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return get(question.get());
            } catch (TopicsException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    private static TopicState state(
            TopicPlan plan, TopicDescription description, Config config, Creation creation, boolean created) {
        int partitions = description.partitions().size();
        int replication = description.partitions().get(0).replicas().size();
        String cleanup = config.get("cleanup.policy").value();
        long maxBytes = Long.parseLong(config.get("max.message.bytes").value());
        List<String> wrong = new ArrayList<>();
        if (!List.of(cleanup.split(",")).contains(plan.cleanupPolicy())) {
            wrong.add("cleanup.policy is " + cleanup + ", needs " + plan.cleanupPolicy());
        }
        if (plan.cleanupPolicy().equals("delete") && cleanup.contains("compact")) {
            wrong.add("cleanup.policy is " + cleanup + ": compaction drops records that have a key");
        }
        if (maxBytes < plan.minMessageBytes()) {
            wrong.add("max.message.bytes is " + maxBytes + ", needs " + plan.minMessageBytes());
        }
        if (!created
                && creation.partitions().isPresent()
                && creation.partitions().getAsInt() != partitions) {
            wrong.add("has " + partitions + " partitions, asked for "
                    + creation.partitions().getAsInt());
        }
        String condition = created ? "created" : wrong.isEmpty() ? "ok" : String.join("; ", wrong);
        return new TopicState(plan.name(), partitions, replication, cleanup, maxBytes, wrong.isEmpty(), condition);
    }

    private <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicsException("interrupted while waiting for " + bootstrapServers, e);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            if (cause instanceof TimeoutException || cause instanceof java.util.concurrent.TimeoutException) {
                throw new TopicsException(
                        "no Kafka broker answers at " + bootstrapServers + " within " + PATIENCE.toSeconds()
                                + " s; is it running, and is kafka.bootstrapServers right?",
                        cause);
            }
            if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
                throw new UsageException(
                        "the brokers at " + bootstrapServers + " refuse: " + cause.getMessage()
                                + "; see kafka.properties in the pipeline file",
                        cause);
            }
            throw new TopicsException("the brokers at " + bootstrapServers + " say: " + cause.getMessage(), cause);
        }
    }
}
