using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Pipeline.Benchmarks;

if (args is ["--quick"])
{
    QuickDecode.Run();
}
else if (args is ["--quick", "preprocess"])
{
    QuickPreprocess.Run();
}
else if (args is ["--quick", "drawing"])
{
    QuickDrawing.Run();
}
else if (args is ["--quick", "session"])
{
    QuickSession.Run();
}
else if (args is ["--quick", "meters"])
{
    QuickMeters.Run();
}
else
{
    // In this process: BenchmarkDotNet's generated projects don't build under this repository's central package
    // versions.
    Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance);
    SummaryStyle wholeNames = SummaryStyle.Default.WithMaxParameterColumnWidth(40);
    IConfig config = DefaultConfig.Instance.AddJob(job).WithSummaryStyle(wholeNames);
    BenchmarkSwitcher.FromAssembly(typeof(QuickDecode).Assembly).Run(args, config);
}
