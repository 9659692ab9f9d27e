package dev.reflux.benchmarks.peers;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that this build is of. */
final class ProjectFolder {

    private ProjectFolder() {}

    /** Where the classes of this module lie. */
    static Path classes() {
        try {
            return Path.of(ProjectFolder.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the classes of the benchmarks lie at no file path", e);
        }
    }

    static Path root() {
        for (Path folder = classes(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("mvnw"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "no folder above " + classes() + " holds mvnw: benchmarks run in a checkout of the project alone");
    }
}
