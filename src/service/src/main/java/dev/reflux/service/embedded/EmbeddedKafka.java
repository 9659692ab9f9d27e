package dev.reflux.service.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka node, broker and KRaft controller at once, inside this JVM and reachable from this machine only. It is for
 * demonstrations, evaluations and tests: one node means that nothing is replicated.
 *
 * <p>The directory outlives the object: opened again with the same directory, topics, records and committed offsets are
 * those of before, also when the process was killed. Clients that remember an address need the same port as well.
 *
 * <p>All use of Kafka's server classes, which promise no compatibility between versions, is in this class.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** Largest record, in bytes, that the broker takes: an inline student with its manifest fits in many times over. */
    public static final int MAX_RECORD_BYTES = 16 * 1024 * 1024;

    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;

    private final KafkaRaftServer server;
    private final Path directory;
    private final int port;
    private final FolderLock lock;
    private boolean closed;

    private EmbeddedKafka(KafkaRaftServer server, FolderLock lock, Path directory, int port) {
        this.server = server;
        this.lock = lock;
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts a node on a free port.
     *
     * @param directory where the records live; made when missing
     * @throws EmbeddedKafkaException when the node does not start
     */
    public static EmbeddedKafka start(Path directory) {
        return start(directory, freePort());
    }

    /**
     * Starts a node on a given port; returns when it serves clients.
     *
     * @param directory where the records live; made when missing
     * @param port of the broker, 1 to 65535
     * @throws EmbeddedKafkaException when the port is taken, the directory is in use by another process, or the node
     *     does not start
     */
    public static EmbeddedKafka start(Path directory, int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port is " + port + ", must be 1 to 65535");
        }
        requireFree(port);
        Path logs = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(logs);
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
        FolderLock lock = lock(logs);
        try {
            format(logs);
            KafkaRaftServer server = new KafkaRaftServer(config(logs, port, freePort()), Time.SYSTEM);
            server.startup();
            return new EmbeddedKafka(server, lock, logs, port);
        } catch (EmbeddedKafkaException e) {
            lock.close();
            throw e;
        } catch (Exception e) { // the server is Scala: checked exceptions arrive undeclared
            lock.close();
            throw new EmbeddedKafkaException(
                    "the embedded Kafka did not start over " + directory + ": " + rootMessage(e)
                            + "; the log file has the broker's own account",
                    e);
        }
    }

    /** The address for clients, {@code host:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    public Path directory() {
        return directory;
    }

    /** Stops the node in order; the directory stays. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            lock.close();
        }
    }

    /**
     * Kafka locks its directory too, but ends the whole JVM when the lock is taken; so the question is asked before it
     * can be.
     */
    private static FolderLock lock(Path logs) {
        try {
            return FolderLock.take(logs)
                    .orElseThrow(() -> new EmbeddedKafkaException("an embedded Kafka is already running over " + logs
                            + "; stop it, or use its address, or choose another directory"));
        } catch (IOException e) {
            throw notWritable(logs, e);
        }
    }

    private static EmbeddedKafkaException notWritable(Path directory, IOException e) {
        return new EmbeddedKafkaException(
                "the embedded Kafka cannot write to " + directory + ": " + e.getMessage()
                        + "; choose a directory that is writable",
                e);
    }

    private static void format(Path logs) throws IOException {
        if (Files.exists(logs.resolve("meta.properties"))) {
            return;
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(out)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE_ID)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(logs.toString())
                    .addDirectory(logs.toString())
                    .run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new EmbeddedKafkaException(
                    "the embedded Kafka cannot format " + logs + ": " + rootMessage(e) + " "
                            + said.toString(StandardCharsets.UTF_8).strip()
                            + "; give an empty directory or one that an embedded Kafka has written",
                    e);
        }
    }

    private static KafkaConfig config(Path logs, int port, int controllerPort) {
        Properties p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", Integer.toString(NODE_ID));
        // The only voter is named here and not on disk, so the controller may take another port at each start.
        p.setProperty("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("listeners", "BROKER://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        p.setProperty("advertised.listeners", "BROKER://" + HOST + ":" + port);
        p.setProperty("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("inter.broker.listener.name", "BROKER");
        p.setProperty("log.dirs", logs.toString());
        p.setProperty("metadata.log.dir", logs.toString());

        // One node: internal topics cannot be replicated, and one partition of each starts at once.
        p.setProperty("offsets.topic.num.partitions", "1");
        p.setProperty("offsets.topic.replication.factor", "1");
        p.setProperty("transaction.state.log.num.partitions", "1");
        p.setProperty("transaction.state.log.replication.factor", "1");
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("share.coordinator.state.topic.num.partitions", "1");
        p.setProperty("share.coordinator.state.topic.replication.factor", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("min.insync.replicas", "1");
        p.setProperty("default.replication.factor", "1");
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        // A mistyped topic name shall be an error and not a new topic.
        p.setProperty("auto.create.topics.enable", "false");

        p.setProperty("message.max.bytes", Integer.toString(MAX_RECORD_BYTES));
        p.setProperty("replica.fetch.max.bytes", Integer.toString(MAX_RECORD_BYTES));

        // Small: the heap is shared with Flink and the learners.
        p.setProperty("num.network.threads", "2");
        p.setProperty("num.io.threads", "2");
        p.setProperty("background.threads", "2");
        p.setProperty("num.recovery.threads.per.data.dir", "1");
        p.setProperty("log.cleaner.threads", "1");
        p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
        p.setProperty("log.cleaner.io.buffer.size", Integer.toString(256 * 1024));
        p.setProperty("log.index.size.max.bytes", Integer.toString(1024 * 1024));
        p.setProperty("log.segment.bytes", Integer.toString(256 * 1024 * 1024));

        // After a kill the node waits until the controller has given up its former self; the default is 9 seconds.
        p.setProperty("broker.heartbeat.interval.ms", "500");
        p.setProperty("broker.session.timeout.ms", "4000");
        return KafkaConfig.fromProps(p, false);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on " + HOST + " for the embedded Kafka", e);
        }
    }

    private static void requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(HOST, port));
        } catch (BindException e) {
            throw new EmbeddedKafkaException(
                    "port " + port + " on " + HOST
                            + " is in use, so the embedded Kafka cannot open it; stop what uses it or choose another",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " on " + HOST + " cannot be opened", e);
        }
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
