package dev.reflux.benchmarks.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** The jars of MOA and of what it needs, as {@code src/benchmarks/moa/pom.xml} names them. */
final class MoaClassPath {

    private static final long MOST_MINUTES = 10;

    private MoaClassPath() {}

    /**
     * Lets Maven resolve them, which downloads some 200 MB the first time.
     *
     * @throws IOException when Maven cannot, with what it said
     */
    static String resolve() throws IOException, InterruptedException {
        Path root = ProjectFolder.root();
        Path pom = root.resolve("src/benchmarks/moa/pom.xml");
        Path file = root.resolve("src/benchmarks/target/moa-network-classpath");
        if (isFresh(file, pom)) {
            return Files.readString(file);
        }
        Files.createDirectories(file.getParent());
        Path log = Files.createTempFile("moa-classpath", ".log");
        try {
            Process maven = new ProcessBuilder(
                            root.resolve("mvnw").toString(),
                            "-q",
                            "-B",
                            "-f",
                            pom.toString(),
                            "dependency:build-classpath",
                            "-Dmdep.outputFile=" + file)
                    .directory(root.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!maven.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
                maven.destroy();
                throw new IOException("Maven did not resolve " + pom + " within " + MOST_MINUTES + " minutes");
            }
            if (maven.exitValue() != 0) {
                throw new IOException("Maven cannot resolve " + pom + ": "
                        + Files.readString(log).strip());
            }
        } finally {
            Files.delete(log);
        }
        return Files.readString(file);
    }

    private static boolean isFresh(Path file, Path pom) throws IOException {
        return Files.exists(file)
                && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(pom)) > 0
                && Arrays.stream(Files.readString(file).split(File.pathSeparator))
                        .map(Path::of)
                        .allMatch(Files::exists);
    }
}
