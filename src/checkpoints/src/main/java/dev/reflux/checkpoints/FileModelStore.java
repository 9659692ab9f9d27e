package dev.reflux.checkpoints;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Models as files under one directory, with {@code file:} URIs. It reads nothing outside that directory, whatever a
 * manifest says.
 */
public final class FileModelStore implements ModelStore {

    private final Path root;

    public FileModelStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public String write(String name, byte[] model) throws IOException {
        Path target = root.resolve(name).normalize();
        if (!target.startsWith(root) || target.equals(root)) {
            throw new IllegalArgumentException(
                    "the model name '" + name + "' leads out of " + root + "; use a relative path without '..'");
        }
        Path folder = Objects.requireNonNull(target.getParent());
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, ".model-", ".part");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(model);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return target.toUri().toString();
    }

    @Override
    public byte[] read(String uri, long size) throws IOException {
        return ModelStore.readAtMost(Files.newInputStream(inside(uri)), size);
    }

    @Override
    public void delete(String uri) throws IOException {
        try {
            Files.deleteIfExists(inside(uri));
        } catch (NoSuchFileException e) {
            // not there, as is wanted
        }
    }

    private Path inside(String uri) throws IOException {
        Path file;
        try {
            file = Path.of(URI.create(uri)).normalize();
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            throw new IOException("'" + uri + "' is no file: URI; this store reads only files under " + root, e);
        }
        // toRealPath: a link inside the folder must not lead out of it
        if (!file.startsWith(root) || !file.toRealPath().startsWith(root.toRealPath())) {
            throw new IOException(uri + " lies outside of " + root + "; point the store at the folder of the models");
        }
        return file;
    }
}
