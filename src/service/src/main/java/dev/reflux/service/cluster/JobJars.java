package dev.reflux.service.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The jars of this process that a job needs on a cluster, beyond what Flink has and what belongs into its lib folder. */
public final class JobJars {

    /** Our own, but for the command line; connectors; and the pure Java libraries that they use. */
    private static final Pattern SENT = Pattern.compile(
            "(reflux-(?!service|benchmarks)|flink-connector-|kafka-clients-|zstd-jni-|lz4-java-|snappy-java-|jackson-"
                    + "|snakeyaml-|fastcsv-|micrometer-|HdrHistogram-|LatencyUtils-|tribuo-|protobuf-java-|jspecify-).*\\.jar");

    private JobJars() {}

    /** @throws IllegalStateException when our own classes are not in jars, as in a development environment */
    public static List<Path> ofClassPath() {
        List<Path> jars = select(System.getProperty("java.class.path"));
        if (jars.stream().noneMatch(jar -> jar.getFileName().toString().startsWith("reflux-flink-jobs-"))) {
            throw new IllegalStateException(
                    "the job's own classes are not in a jar, which a cluster needs; start with ./reflux, which builds them");
        }
        return jars;
    }

    static List<Path> select(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName() != null
                        && SENT.matcher(path.getFileName().toString()).matches())
                .toList();
    }
}
