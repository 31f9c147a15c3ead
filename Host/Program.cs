using Pipeline.Capture;
using Pipeline.Host.CommandLine;
using Pipeline.Host.Reporting;

ProcessUsage.Begin();
NativeEnvironment.Prepare();
Console.SetOut(new StandardOutput(Console.Out));
return await new ProgramCommand().InvokeAsync(args);
