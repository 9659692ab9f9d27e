package dev.reflux.service.progress;

/** Where a view learns how far a job has come. */
@FunctionalInterface
public interface ProgressSource {
    Progress now();
}
